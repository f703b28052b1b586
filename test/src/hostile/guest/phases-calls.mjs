// Calls to the host that are too many, too long, forged, or never read. Runs in the guest, and is not compiled.

import { payloadBytesMax, types } from './wire.mjs'

const run = (command, more = {}) => ({ ask: 'run', command, args: [], hasStdin: false, ...more })
const credit = (lane, count) => {
  const payload = Buffer.alloc(8)
  payload[0] = lane
  payload.writeUInt32BE(count >>> 0, 4)
  return payload
}

const forgedRequests = [
  run('guest-name', { caller: { name: 'honest' } }),
  run('guest-name', { caller: { name: '@host', uuid: '00000000-0000-0000-0000-000000000000' } }),
  run('hello', { target: 'honest' }),
  run('hello', { target: '@host' }),
  run('hello', { target: '\u001b[2Jhonest' }),
  run('hello', { target: 'x'.repeat(30_000) }),
  run('hello', { timeoutMs: -1 }),
  run('hello', { timeoutMs: 1e300 }),
  run('hello', { args: 'all' }),
  run('hello', { user: 'root', env: { PATH: '/tmp' }, cwd: '/', isTrusted: true }),
  { ask: 'status' },
  { ask: 'peers' },
  { ask: 'ping', target: 'honest' },
  { ask: 'wait', target: 'honest' },
  { ask: '\u001b[31m' },
  '[[[[[[[[',
  `${'['.repeat(16_000)}${']'.repeat(16_000)}`,
  '{"ask":"run","__proto__":{"command":"hello"},"args":[]}',
]

const strangeCommands = [
  '../../../bin/sh',
  '/bin/sh',
  'hello\n',
  'hello\u0000',
  '\u001b[2Jhello',
  '',
  '.',
  '-c',
  'hello.toml',
  'x'.repeat(30_000),
  'honest ready',
  'hello;reboot',
  '__proto__',
]

export const callPhases = {
  /** Streams without number, each opened and given up at once. */
  async 'streams-cancelled'(stage) {
    await inSession(stage, (end) => [
      end.request(run('no-such-command')),
      end.frame(types.cancel, { stream: end.lastStream }),
    ])
  },

  /** Streams without number, opened and left alone: catalogues, which never end, far beyond the limit. */
  async 'streams-kept'(stage) {
    await inSession(stage, (end) => [end.request({ ask: 'commands' })], { isReading: false })
  },

  /** The same, with the answers read. */
  async 'streams-kept-and-read'(stage) {
    await inSession(stage, (end) => [end.request({ ask: 'commands' })])
  },

  /** Real commands, as many as go in, and nobody reads what they print. */
  async 'calls-unread'(stage) {
    await inSession(stage, (end) => [end.request(run('hello'))], { isReading: false })
  },

  /** Real commands, as many as go in. */
  async calls(stage) {
    await inSession(stage, (end) => [end.request(run('hello'))])
  },

  /** A command that prints for ever, and neither credit nor RECEIVED. */
  async 'no-credit'(stage) {
    await inSession(stage, (end) => [end.request(run('zeros', { args: ['1000000000'] }))], { burst: 2 })
  },

  /** Credit that nobody has asked for, in amounts that nobody has. */
  async 'absurd-credit'(stage) {
    await inSession(stage, (end) => [
      end.request(run('zeros', { args: ['1000000'] })),
      end.frame(types.credit, {
        stream: end.lastStream,
        payload: credit(
          stage.random.pick([0x10, 0x11, 0x20, 0x21]),
          stage.random.pick([0xffffffff, 0x80000000, 1, 0]),
        ),
      }),
      end.frame(types.received, { payload: Buffer.from('7fffffff', 'hex') }),
    ])
  },

  /** Input that never ends, for a command that reads it and for one that does not. */
  async 'endless-stdin'(stage) {
    const payload = Buffer.alloc(payloadBytesMax, 'x')
    await inSession(
      stage,
      (end) => {
        const command = stage.random.pick(['count', 'sleepy'])
        const request = end.request(run(command, { hasStdin: true }))
        return [
          request,
          ...Array.from({ length: 8 }, () => end.frame(types.stdin, { stream: end.lastStream, payload })),
        ]
      },
      { burst: 1 },
    )
  },

  /** Input far beyond what was granted. */
  async 'stdin-beyond-credit'(stage) {
    const payload = Buffer.alloc(payloadBytesMax, 'x')
    await inSession(
      stage,
      (end) => {
        const request = end.request(run('sleepy', { hasStdin: true }))
        return [
          request,
          ...Array.from({ length: 12 }, () => end.frame(types.stdin, { stream: end.lastStream, payload })),
        ]
      },
      { burst: 1 },
    )
  },

  /** Calls that are signalled and cancelled again and again. */
  async 'cancel-storm'(stage) {
    await inSession(stage, (end) => {
      const request = end.request(run('sleepy'))
      const stream = end.lastStream
      const storm = Array.from({ length: 20 }, () =>
        stage.random.pick([
          () => end.frame(types.cancel, { stream }),
          () => end.frame(types.signal, { stream, payload: Buffer.from('SIGTERM') }),
          () => end.frame(types.cancel, { stream: 1 + stage.random.integer(stream) }),
        ])(),
      )
      return [request, ...storm]
    })
  },

  /** Requests that claim to be another's, or ask for what only programs on the host may. */
  async 'forged-requests'(stage) {
    await inSession(stage, (end) => [end.request(stage.random.pick(forgedRequests))])
  },

  /** Names that are paths, options, or harm a terminal. */
  async 'strange-commands'(stage) {
    await inSession(stage, (end) => [
      end.request(run(stage.random.pick(strangeCommands), { args: ['\u001b[2J', '\r\n'] })),
    ])
  },

  /** Calls to the other guest, which the host's policy refuses. */
  async relays(stage) {
    await inSession(stage, (end) => [end.request(run('hello', { target: 'honest' }))])
  },
}

/** Bursts of frames in a session, which is opened anew when the host has ended it. */
async function inSession(
  { calling, repeat, random },
  frames,
  { isReading = true, burst = 1 + random.integer(100) } = {},
) {
  await calling.open()
  await repeat([calling], async (end) => {
    const batch = Array.from({ length: burst }, () => frames(end)).flat()
    await end.write(Buffer.concat(batch))
    if (!isReading) return
    end.listen()
    if (end.heard.some(({ type, session }) => type === types.end && session.equals(end.session)))
      await end.open()
  })
}
