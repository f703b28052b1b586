import fc from 'fast-check'
import { test } from 'tap'
import { auditLine } from '../../agent/audit-line.js'
import { testRecord } from '../../agent/test-records.js'
import type { AuditRecord } from '../../call/audit.js'
import { auditArguments } from '../../call/audit-arguments.js'
import { parseEntry } from './audit-entry.js'
import { heading, jsonLine, peopleLine } from './audit-format.js'

function shown(record: Partial<AuditRecord>): string {
  return peopleLine(parseEntry(auditLine(testRecord(record)).trimEnd()))
}

test('peopleLine() stands below its heading', (t) => {
  const lines = [heading, shown({ command: 'disk', args: ['-h', 'a b'], argsHash: undefined })]
  t.same(lines, [
    'TIME                      CALLER          TARGET          COMMAND                       RESULT              DURATION   REASON\n',
    '2023-11-14T22:13:20.000Z  web1            host            disk -h "a b"                 exited 0            12.8 ms\n',
  ])
  t.end()
})

test('peopleLine() tells the signal, the reason, and a long duration in seconds', (t) => {
  t.match(shown({ result: { kind: 'signalled', signal: 'SIGTERM' } }), 'signalled SIGTERM ')
  t.match(
    shown({ result: { kind: 'denied', reason: 'no rule allows it' } }),
    /denied {2,}12\.8 ms {2,}no rule/,
  )
  const stages = { decideMs: 0, waitMs: 0, startMs: 0, runMs: 90_000 }
  t.match(shown({ stages }), ' 90.0 s\n')
  t.match(
    peopleLine(parseEntry('{"time":"2023-11-14","caller":"a","target":"b","command":"c","result":"d"}')),
    / -\n$/,
  )
  t.end()
})

test('peopleLine() tells how many calls a line stands for, and jsonLine() has the number', (t) => {
  const record = { result: { kind: 'busy', reason: 'too many' }, count: 312 } as const
  t.match(shown(record), / busy \(x 312\) {2,}12\.8 ms {2,}too many\n$/)
  const line = auditLine(testRecord(record)).trimEnd()
  t.match(JSON.parse(jsonLine(parseEntry(line))), { result: 'busy', count: 312 })
  t.end()
})

test('peopleLine() tells the beginning of a hash, and nothing where there were no arguments', (t) => {
  const hashed = (...args: string[]): string =>
    shown(auditArguments({ args, detail: 'hash', secretArgs: [] }))
  t.match(hashed('x'), 'hello [arguments cd65ea2c] ')
  t.match(hashed(), / hello {4,}exited/)
  t.match(shown({ argsHash: undefined }), / hello {4,}exited/)
  t.end()
})

test('a name with blanks cannot look like two columns', (t) => {
  t.match(shown({ command: 'hello  exited 0' }), ' "hello  exited 0" ')
  t.match(shown({ caller: { name: '' } }), ' "" ')
  t.end()
})

test('arguments and broken lines are cut for people', (t) => {
  t.ok(shown({ args: ['x'.repeat(10_000)] }).length < 500)
  t.ok(peopleLine(parseEntry('x'.repeat(10_000))).length < 500)
  t.end()
})

test('a broken line is shown as one, in both forms', (t) => {
  const entry = parseEntry('half "a \u001b[2J')
  t.equal(peopleLine(entry), '(not a record: "half \\"a \\u001b[2J")\n')
  t.equal(jsonLine(entry), '{"broken":"half \\"a \\u001b[2J"}\n')
  t.end()
})

test('jsonLine() gives the line as it is in the file', (t) => {
  const line = auditLine(testRecord({ command: 'a\u009bb' }))
  t.equal(jsonLine(parseEntry(line.trimEnd())), line)
  t.end()
})

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

test('whatever the line, both forms are one line without a control character', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  // Written by somebody else, with everything as it is and a blank between the tokens that JSON allows.
  const names = fc.dictionary(
    fc.constantFrom('caller', 'target', 'command', 'result', 'reason', 'argsHash'),
    text,
  )
  const foreign = fc
    .record({ names, args: fc.array(text), blank: fc.constantFrom(' ', '\t', '\r') })
    .map(({ names, args, blank }) => {
      const fields = { time: '2023-11-14T22:13:20Z', caller: '', target: '', command: '', result: '', args }
      return blank + JSON.stringify({ ...fields, ...names })
    })
  fc.assert(
    fc.property(fc.oneof(text, foreign), (line) => {
      const entry = parseEntry(line)
      const [people, json] = [peopleLine(entry), jsonLine(entry)]
      const parsed: unknown = JSON.parse(json)
      const expected: unknown = entry.kind === 'record' ? JSON.parse(line) : { broken: line }
      const isSame = JSON.stringify(parsed) === JSON.stringify(expected)
      return isSame && [people, json].every((each) => each.endsWith('\n') && !unsafe.test(each.slice(0, -1)))
    }),
  )
  t.end()
})
