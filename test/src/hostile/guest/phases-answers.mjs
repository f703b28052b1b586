// Answers that nobody asked for, or that are too long: lies to a host that calls. Runs in the guest, and is not compiled.

import { frame, payloadBytesMax, types } from './wire.mjs'

const json = (value) => Buffer.from(JSON.stringify(value))
const strangeText = '\u001b[2J\u001b[31mhonest\r\n'

export const answerPhases = {
  /** RESULT, output and END of what was never begun. */
  async 'unasked-answers'({ random, calling, serving, repeat }) {
    await serving.accept()
    await repeat([calling, serving], async (end) => {
      const type = random.pick([
        types.hello,
        types.refuse,
        types.result,
        types.stdout,
        types.stderr,
        types.pong,
        types.end,
      ])
      const stray = () =>
        frame({
          type,
          session: end.session,
          stream: random.integer(9),
          payload: json({ kind: 'exited', code: 0 }),
        })
      await end.write(Buffer.concat(Array.from({ length: 100 }, stray)))
      if (end === serving && random.integer(20) === 0) await serving.accept()
    })
  },

  /** The first thing that a host asks for is the list of commands: it gets a line without an end. */
  async 'endless-catalogue'({ serving, repeat }) {
    await serving.accept()
    await answering(serving, repeat, (stream) =>
      Array.from({ length: 8 }, () =>
        serving.frame(types.stdout, { stream, payload: Buffer.alloc(payloadBytesMax, '[') }),
      ),
    )
  },

  /** Lists that are long, false, and new each time. */
  async 'ever-new-catalogues'({ random, serving, repeat }) {
    await serving.accept()
    await answering(serving, repeat, (stream) =>
      Array.from({ length: 20 }, () => {
        const commands = Array.from({ length: 300 }, () => ({
          name: random.pick([strangeText, '__proto__', `c${random.integer(1e9)}`]),
          kind: strangeText,
          summary: strangeText,
        }))
        return serving.frame(types.stdout, {
          stream,
          payload: Buffer.from(`${JSON.stringify({ commands })}\n`),
        })
      }),
    )
  },

  /** Whatever the host calls gets output without end, and results that are none. */
  async 'false-results'({ random, serving, repeat }) {
    await serving.accept()
    await answering(serving, repeat, (stream) => {
      const result = random.pick([
        { kind: strangeText, reason: strangeText },
        { kind: 'denied', reason: strangeText.repeat(2000) },
        { kind: 'exited', code: 1e9 },
        { kind: 'signalled', signal: strangeText },
        { kind: 'lost', reason: strangeText },
        { kind: 'failed-to-start', reason: 'x'.repeat(30_000) },
        [],
      ])
      return [
        serving.frame(types.stdout, { stream, payload: Buffer.alloc(8, strangeText) }),
        serving.frame(types.result, { stream, payload: json(result) }),
        serving.frame(types.result, { stream, payload: json(result) }),
      ]
    })
  },

  /** Each question of the host is left open. */
  async 'no-answers'({ serving, repeat, pass }) {
    await serving.accept()
    await repeat([serving], async () => {
      serving.listen()
      await pass(5)
    })
  },
}

/** Answers what was asked last, over and over; a session that the host has ended is accepted anew. */
async function answering(serving, repeat, frames) {
  let stream = 1
  await repeat([serving], async () => {
    stream = serving.requests().at(-1)?.stream ?? stream
    await serving.write(Buffer.concat(frames(stream)))
    if (serving.heard.some(({ type, session }) => type === types.end && session.equals(serving.session)))
      await serving.accept()
  })
}
