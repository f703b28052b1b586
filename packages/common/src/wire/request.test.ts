import { test } from 'tap'
import fc from 'fast-check'
import { payloadBytesMax } from '../limits.js'
import { testSeed } from '../test-seed.js'
import { decodeRequest, encodeRequest } from './request.js'
import type { Request } from './request.js'

const requests: readonly Request[] = [
  { ask: 'run', command: 'hello', args: [], hasStdin: false, timeoutMs: undefined, target: undefined },
  {
    ask: 'run',
    command: 'hello',
    args: ['a b', '', '☕', '-x'],
    hasStdin: true,
    timeoutMs: 1500,
    target: 'alpha',
  },
  { ask: 'commands', target: undefined },
  { ask: 'commands', target: 'alpha' },
  { ask: 'peers' },
  { ask: 'status' },
  { ask: 'ping', target: 'alpha', timeoutMs: undefined },
  { ask: 'wait', target: 'alpha', timeoutMs: 0 },
  { ask: 'machine', action: 'stop', target: 'alpha', mode: 'acpi', timeoutMs: 1500 },
  { ask: 'machine', action: 'host-shutdown', target: undefined, mode: undefined, timeoutMs: undefined },
]

function decodeJson(value: unknown): Request {
  return decodeRequest(Buffer.from(JSON.stringify(value)))
}

test('decodeRequest() gives back what encodeRequest() wrote', (t) => {
  for (const request of requests) t.same(decodeRequest(encodeRequest(request)), request, request.ask)
  t.end()
})

test('decodeRequest() gives back random commands and arguments', (t) => {
  const seed = testSeed(t)
  const text = fc.string({ unit: 'binary', maxLength: 50 })
  const property = fc.property(
    text,
    fc.array(text, { maxLength: 20 }),
    fc.boolean(),
    (command, args, hasStdin) => {
      const read = decodeRequest(encodeRequest({ ask: 'run', command, args, hasStdin }))
      t.same(read, { ask: 'run', command, args, hasStdin, timeoutMs: undefined, target: undefined })
    },
  )
  fc.assert(property, { seed })
  t.end()
})

test('decodeRequest() reads a request from the future', (t) => {
  t.same(decodeJson({ ask: 'peers', since: 3 }), { ask: 'peers' })
  t.match(decodeJson({ ask: 'run', command: 'x', args: [], hasStdin: true, nice: 5 }), {
    command: 'x',
    hasStdin: true,
  })
  t.end()
})

test('decodeRequest() expects no standard input unless it is told so', (t) => {
  for (const hasStdin of [undefined, null, 1, 'true']) {
    t.match(decodeJson({ ask: 'run', command: 'x', args: [], hasStdin }), { hasStdin: false })
  }
  t.end()
})

test('decodeRequest() names the field that it cannot read', (t) => {
  const run = { ask: 'run', command: 'x', args: [], hasStdin: false }
  const cases: readonly (readonly [unknown, string])[] = [
    [[], 'Cannot read a message: "request" is not an object'],
    [{}, 'Cannot read a message: "ask" is not a string'],
    [{ ask: 'dance' }, 'Cannot read a request: this version does not know what it asks for'],
    [{ ...run, command: 1 }, 'Cannot read a message: "command" is not a string'],
    [{ ...run, args: 'x' }, 'Cannot read a message: "args" is not an array of strings'],
    [{ ...run, timeoutMs: -1 }, 'Cannot read a message: "timeoutMs" is not a whole number from 0 on'],
    [{ ...run, target: 1 }, 'Cannot read a message: "target" is not a string'],
    [{ ask: 'commands', target: {} }, 'Cannot read a message: "target" is not a string'],
    [{ ask: 'machine', action: 'dance' }, 'Cannot read a request: this version does not know its "action"'],
    [{ ask: 'ping' }, 'Cannot read a message: "target" is not a string'],
    [
      { ask: 'wait', target: 'x', timeoutMs: '1' },
      'Cannot read a message: "timeoutMs" is not a whole number from 0 on',
    ],
  ]
  for (const [value, message] of cases) {
    t.throws(() => decodeJson(value), { name: 'PeerError', code: 'bad-message', message })
  }
  t.throws(() => decodeRequest(Buffer.from('garbage')), { message: 'Cannot read a request: it is not JSON' })
  t.end()
})

test('encodeRequest() takes a request that just fits into a frame and refuses one byte more', (t) => {
  const run = { ask: 'run', command: 'x', hasStdin: false } as const
  const bareBytes = encodeRequest({ ...run, args: [''] }).length
  const longest = 'x'.repeat(payloadBytesMax - bareBytes)
  t.equal(encodeRequest({ ...run, args: [longest] }).length, payloadBytesMax)
  t.throws(() => encodeRequest({ ...run, args: [`${longest}x`] }), {
    name: 'UsageError',
    code: 'request-too-long',
    message:
      `Cannot send the call: its command and arguments take ${payloadBytesMax + 1} bytes as JSON, ` +
      `at most ${payloadBytesMax} fit; send long data through standard input`,
  })
  t.end()
})
