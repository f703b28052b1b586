import fc from 'fast-check'
import { test } from 'tap'
import { auditLine } from './audit-line.js'
import { testRecord } from './test-records.js'

test('auditLine() tells a call in a fixed order', (t) => {
  t.equal(
    auditLine(testRecord()),
    '{"time":"2023-11-14T22:13:20.000Z","callId":"6d1f0c7e","direction":"in","caller":"web1","callerUuid":"aaaa",' +
      '"target":"host","command":"hello","argsHash":"c0ffee","rule":"90-default.policy:3","result":"exited","code":0,' +
      '"durationMs":12.75,"waitMs":0,"decideMs":0.25,"startMs":2,"runMs":10.5,' +
      '"stdinBytes":0,"stdoutBytes":12,"stderrBytes":0}\n',
  )
  t.end()
})

test('auditLine() tells who a local program is, and how a call failed', (t) => {
  const line = auditLine(
    testRecord({
      direction: 'out',
      caller: { name: 'user:alice', userId: 1000, processId: 42 },
      target: { name: 'web1', uuid: 'aaaa' },
      args: ['a', '***'],
      argsHash: undefined,
      result: { kind: 'denied', reason: 'no' },
    }),
  )
  t.match(JSON.parse(line), {
    caller: 'user:alice',
    userId: 1000,
    processId: 42,
    target: 'web1',
    targetUuid: 'aaaa',
    args: ['a', '***'],
    result: 'denied',
    reason: 'no',
  })
  t.match(JSON.parse(auditLine(testRecord({ result: { kind: 'signalled', signal: 'SIGTERM' } }))), {
    signal: 'SIGTERM',
  })
  t.end()
})

test('auditLine() tells how many calls a line stands for', (t) => {
  const result = { kind: 'busy', reason: 'too many' } as const
  t.match(
    auditLine(testRecord({ result, count: 312 })),
    '"result":"busy","reason":"too many","count":312,"durationMs":',
  )
  t.end()
})

test('auditLine() cuts what the other side makes long', (t) => {
  const result = { kind: 'denied', reason: 'r'.repeat(100_000) } as const
  const line = auditLine(testRecord({ command: 'x'.repeat(30_000), result }))
  t.ok(line.length < 1200, `${line.length} characters`)
  t.match(JSON.parse(line), { command: `${'x'.repeat(64)}...`, reason: `${'r'.repeat(500)}...` })
  t.end()
})

test('auditLine() is one line without a control character, whatever is in it', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  fc.assert(
    fc.property(fc.record({ command: text, name: text, args: fc.array(text), reason: text }), (given) => {
      const { command, name, args, reason } = given
      const line = auditLine(
        testRecord({ command, caller: { name }, args, result: { kind: 'denied', reason } }),
      )
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(line.slice(0, -1)))
        return false
      const parsed = JSON.parse(line) as Record<string, unknown>
      return (
        line.endsWith('\n') &&
        parsed['caller'] === name &&
        JSON.stringify(parsed['args']) === JSON.stringify(args)
      )
    }),
  )
  t.end()
})
