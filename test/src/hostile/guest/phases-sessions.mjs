// Sessions without number, without end, and with a wrong name. Runs in the guest, and is not compiled.

import { randomBytes } from 'node:crypto'
import { helloFrame } from './ends.mjs'
import { frame, honestHello, opening, types } from './wire.mjs'

const forgedNames = [
  'honest',
  '@host',
  'host',
  '\u001b[2J\u001b]0;owned\u0007honest',
  'a\r\nhonest ready',
  'x'.repeat(255),
  '\u202ehonest\u0000',
  '{"name":"honest","state":"ready"}',
]

const wrongHellos = [
  { versions: { min: 9, max: 9 } },
  { versions: 'all' },
  { versions: { min: -1, max: 1e308 } },
  { epoch: 'zz' },
  { side: 'host' },
  { side: '\u001b[31m' },
  { features: Array.from({ length: 200 }, () => 'f') },
  { name: 7 },
]

export const sessionPhases = {
  /** Ever new epochs, thousands a second; unasked HELLOs on the other port. */
  async openings({ calling, serving, repeat }) {
    await repeat([calling], async (end) => {
      await end.write(Buffer.concat(Array.from({ length: 50 }, () => opening(honestHello()))))
    })
    await serving.write(helloFrame(serving.remoteEpoch, honestHello()))
  },

  /** A session, broken at once, and the next one. */
  async 'broken-sessions'({ random, calling, serving, repeat }) {
    const wrong = (end) =>
      random.pick([
        () => frame({ type: types.ping, session: end.session, sequence: 77 }),
        () => end.frame(0x7f),
        () => end.frame(types.ping, { payload: Buffer.alloc(3) }),
        () => end.frame(types.end, { payload: Buffer.from('\u001b[31mbecause') }),
        () => end.frame(types.received, { payload: Buffer.from('ffffffff', 'hex') }),
        () => end.frame(types.credit, { stream: 1, payload: Buffer.alloc(8, 0xff) }),
        () => end.frame(types.stdin, { stream: 4_000_000_000, payload: Buffer.alloc(9) }),
        () => end.frame(types.stdout, { stream: 4_000_000_000, payload: Buffer.alloc(9) }),
      ])()
    await repeat([calling, serving], async (end) => (await begin(end)) && (await end.write(wrong(end))))
  },

  /** Frames of sessions that are over, and of none. */
  async replays({ random, calling, serving, repeat }) {
    await calling.open()
    await serving.accept()
    const recorded = [calling, serving].map((end) =>
      Buffer.concat([
        end.frame(types.ping, { payload: Buffer.alloc(8) }),
        end === calling ? calling.request({ ask: 'run', command: 'hello', args: [] }) : end.frame(types.pong),
        end.frame(types.end, { payload: Buffer.from('closing') }),
      ]),
    )
    await calling.open()
    await repeat([calling, serving], async (end) => {
      const strange = frame({
        type: random.pick(Object.values(types)),
        session: randomBytes(8),
        payload: Buffer.alloc(8),
      })
      const old = random.pick(recorded)
      await end.write(Buffer.concat(Array.from({ length: 100 }, () => random.pick([old, strange]))))
    })
  },

  /** What a guest says of itself is another's name, or harms a terminal. */
  async 'forged-hellos'({ random, calling, serving, repeat, pass }) {
    const forged = () => ({
      name: random.pick(forgedNames),
      agent: random.pick(forgedNames),
      bootId: random.pick(forgedNames),
    })
    await repeat([calling, serving], async (end) => (await begin(end, forged())) && (await pass(50)))
  },

  /** Versions that nobody speaks, and hellos that are none. */
  async 'wrong-hellos'({ random, calling, serving, repeat }) {
    await repeat([calling, serving], async (end) => {
      const hello = honestHello(random.pick(wrongHellos))
      end.listen()
      await end.write(end === calling ? opening(hello) : helloFrame(serving.remoteEpoch, hello))
    })
  },

  /** PINGs, as fast as they are answered. */
  async pings({ calling, serving, repeat }) {
    await Promise.all([calling.open(), serving.accept()])
    await repeat([calling, serving], async (end) => {
      await end.write(pings(end))
      end.listen()
    })
  },

  /** PINGs, and nobody reads the answers. */
  async 'pings-unread'({ calling, serving, repeat }) {
    await Promise.all([calling.open(), serving.accept()])
    await repeat([calling, serving], async (end) => await end.write(pings(end)))
  },

  /** Both sessions are there, and nothing is ever said in them. */
  async silence({ calling, serving, repeat, pass }) {
    await Promise.all([calling.open(), serving.accept()])
    await repeat([calling], async () => await pass(20))
  },
}

/** A new session, by whoever may begin one. */
async function begin(end, changes) {
  return await ('open' in end ? end.open(changes) : end.accept(changes))
}

function pings(end) {
  return Buffer.concat(Array.from({ length: 500 }, () => end.frame(types.ping, { payload: Buffer.alloc(8) })))
}
