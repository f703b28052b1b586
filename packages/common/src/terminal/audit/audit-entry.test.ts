import fc from 'fast-check'
import { test } from 'tap'
import { auditLine } from '../../agent/audit-line.js'
import { testRecord } from '../../agent/test-records.js'
import { parseEntry } from './audit-entry.js'

test('parseEntry() reads what auditLine() writes', (t) => {
  const record = testRecord({
    target: { name: 'host', uuid: 'bbbb' },
    args: ['a', '***'],
    result: { kind: 'exited', code: 3 },
  })
  t.match(parseEntry(auditLine(record).trimEnd()), {
    kind: 'record',
    record: {
      time: '2023-11-14T22:13:20.000Z',
      caller: 'web1',
      callerUuid: 'aaaa',
      target: 'host',
      targetUuid: 'bbbb',
      command: 'hello',
      args: ['a', '***'],
      argsHash: 'c0ffee',
      result: 'exited',
      detail: '3',
      count: 1,
      reason: undefined,
      durationMs: 12.75,
    },
  })
  const lost = auditLine(testRecord({ result: { kind: 'lost', reason: 'it left' } }))
  t.match(parseEntry(lost), { record: { result: 'lost', detail: undefined, reason: 'it left' } })
  const killed = auditLine(testRecord({ result: { kind: 'signalled', signal: 'SIGTERM' } }))
  t.match(parseEntry(killed), { record: { detail: 'SIGTERM' } })
  t.end()
})

test('parseEntry() tells how many calls a line stands for: one, unless a whole number of them is told', (t) => {
  const countOf = (count: string): unknown =>
    parseEntry(auditLine(testRecord()).replace('"durationMs"', `"count":${count},"durationMs"`))
  t.match(countOf('312'), { record: { count: 312 } })
  for (const odd of ['1', '0', '-3', '1.5', '1e400', '"7"', 'null', '[312]'])
    t.match(countOf(odd), { record: { count: 1 } }, odd)
  t.end()
})

const whole = JSON.parse(auditLine(testRecord())) as Record<string, unknown>

test('parseEntry() takes anything else for a broken line', (t) => {
  const spoiled = [
    { time: 'soon' },
    { caller: 7 },
    { command: undefined },
    { args: 'hello' },
    { result: null },
    { reason: [] },
  ].map((change) => JSON.stringify({ ...whole, ...change }))
  for (const line of ['', 'x', '{"time":', '[]', 'null', '7', '"text"', ...spoiled])
    t.same(parseEntry(line), { kind: 'broken', line }, line)
  t.end()
})

test('parseEntry() never throws, whatever the line', (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json())
  const fields = fc.dictionary(fc.constantFrom(...Object.keys(whole)), fc.jsonValue())
  const near = fields.map((change) => JSON.stringify({ ...whole, ...change }))
  fc.assert(fc.property(fc.oneof(text, near), (line) => parseEntry(line).line === line))
  t.end()
})
