import { test } from 'tap'
import type { CheckedFinding } from './examine.js'
import { exitCodeOfFindings, jsonReport, textReport } from './report.js'

const fine: CheckedFinding = { check: 'daemon', severity: 'ok', found: 'the daemon runs' }
const note: CheckedFinding = {
  check: 'koffi',
  severity: 'note',
  code: 'koffi-missing',
  found: 'koffi does not load',
  why: 'It is slower.',
  mend: 'Put it there.',
}
const warning: CheckedFinding = { ...note, severity: 'warning', code: 'command-refused' }
const error: CheckedFinding = {
  check: 'attached',
  severity: 'error',
  code: 'socket-taken',
  guest: 'web1',
  found: 'socat (process 7) is attached',
  why: 'QEMU serves one client.',
  mend: 'kill 7\nthen wait',
}

test('exitCodeOfFindings() is 0, 1 or 2 by the gravest', (t) => {
  t.equal(exitCodeOfFindings([]), 0)
  t.equal(exitCodeOfFindings([fine, note]), 0)
  t.equal(exitCodeOfFindings([warning, fine]), 1)
  t.equal(exitCodeOfFindings([warning, error, note]), 2)
  t.end()
})

test('textReport() tells faults in full, by guest, and sums up in the end', (t) => {
  t.equal(
    textReport([error, fine, note, { ...fine, guest: 'web1', found: 'it answers' }]),
    `This machine

  ok       the daemon runs
  note     koffi does not load
           why:  It is slower.
           mend: Put it there.

Guest "web1"

  error    socat (process 7) is attached
           why:  QEMU serves one client.
           mend: kill 7
                 then wait
  ok       it answers

1 error, 1 note.
`,
  )
  t.end()
})

test('textReport() says so when all is well', (t) => {
  t.equal(textReport([fine]), 'This machine\n\n  ok       the daemon runs\n\nAll is well.\n')
  t.end()
})

test('textReport() shows what drives a terminal instead of letting it', (t) => {
  const text = textReport([{ ...error, guest: 'a\u001b[2J', found: 'b\u0007', why: 'c\r', mend: 'd\u009b' }])
  t.match(text, 'Guest "a\\x1b[2J"')
  t.match(text, 'b\\x07')
  t.match(text, 'c\\x0d')
  t.match(text, 'd\\x9b')
  t.end()
})

test('jsonReport() gives findings, their number and the gravest', (t) => {
  t.same(JSON.parse(jsonReport([fine, error, note, note])), {
    severity: 'error',
    counts: { error: 1, warning: 0, note: 2, ok: 1 },
    findings: [fine, error, note, note],
  })
  t.end()
})
