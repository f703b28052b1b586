import { test } from 'tap'
import { payloadBytesMax } from '../limits.js'
import { decodeResult, encodeResult } from './result.js'
import type { FailureKind, Result } from './result.js'

const failureKinds: readonly FailureKind[] = [
  'failed-to-start',
  'denied',
  'unknown-command',
  'timed-out',
  'cancelled',
  'busy',
  'lost',
  'unreachable',
]

function decodeJson(value: unknown): Result {
  return decodeResult(Buffer.from(JSON.stringify(value)))
}

test('decodeResult() gives back what encodeResult() wrote', (t) => {
  const results: readonly Result[] = [
    { kind: 'exited', code: 0 },
    { kind: 'exited', code: 255 },
    { kind: 'signalled', signal: 'SIGKILL' },
    ...failureKinds.map((kind) => ({ kind, reason: `why ${kind} ☕` })),
  ]
  for (const result of results) t.same(decodeResult(encodeResult(result)), result, result.kind)
  t.end()
})

test('encodeResult() cuts a reason so that it always fits into a frame', (t) => {
  const payload = encodeResult({ kind: 'denied', reason: '\u0000'.repeat(1_000_000) })
  t.ok(payload.length <= payloadBytesMax, `${payload.length} bytes`)
  t.match(decodeResult(payload), { kind: 'denied', reason: '\u0000'.repeat(2000) })
  t.end()
})

test('decodeResult() cuts a reason that is too long', (t) => {
  const { reason } = decodeJson({ kind: 'denied', reason: 'x'.repeat(30_000) }) as { reason: string }
  t.equal(reason.length, 2000)
  t.end()
})

test('decodeResult() reads a result from the future', (t) => {
  t.same(decodeJson({ kind: 'exited', code: 3, seconds: 4 }), { kind: 'exited', code: 3 })
  t.end()
})

test('decodeResult() names the field that it cannot read', (t) => {
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'Cannot read a message: "result" is not an object'],
    [{}, 'Cannot read a message: "kind" is not a string'],
    [{ kind: 'exploded' }, 'Cannot read a result: this version does not know its kind'],
    [{ kind: 'exited' }, 'Cannot read a message: "code" is not a whole number from 0 on'],
    [{ kind: 'exited', code: -1 }, 'Cannot read a message: "code" is not a whole number from 0 on'],
    [{ kind: 'exited', code: 256 }, 'Cannot read a result: "code" is above 255'],
    [{ kind: 'signalled', signal: '\u001b[2J' }, 'Cannot read a result: "signal" names no signal'],
    [{ kind: 'signalled', signal: 'SIG' }, 'Cannot read a result: "signal" names no signal'],
    [{ kind: 'signalled', signal: 9 }, 'Cannot read a message: "signal" is not a string'],
    [{ kind: 'lost' }, 'Cannot read a message: "reason" is not a string'],
  ]
  for (const [value, message] of cases) {
    t.throws(() => decodeJson(value), { name: 'PeerError', code: 'bad-message', message })
  }
  t.throws(() => decodeResult(Buffer.from('garbage')), { message: 'Cannot read a result: it is not JSON' })
  t.end()
})
