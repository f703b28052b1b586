import { test } from 'tap'
import { json, processOutput, table } from './print.js'

test('table() makes columns as wide as their widest cell, two blanks apart', (t) => {
  const rows = [
    ['NAME', 'STATE', 'UUID'],
    ['web1', 'ready', '-'],
    ['a-long-name', 'connecting', '6d1f'],
  ]
  t.equal(
    table(rows),
    'NAME         STATE       UUID\n' + 'web1         ready       -\n' + 'a-long-name  connecting  6d1f\n',
  )
  t.end()
})

test('table() of a heading alone is the heading', (t) => {
  t.equal(table([['NAME', 'STATE']]), 'NAME  STATE\n')
  t.equal(table([]), '')
  t.end()
})

test('table() shows what would drive a terminal, and keeps a row on its line', (t) => {
  t.equal(
    table([
      ['A', 'B'],
      ['\u001b[2J\n', 'x'],
    ]),
    'A            B\n\\x1b[2J\\x0a  x\n',
  )
  t.end()
})

test('json() is indented and ended', (t) => {
  t.equal(json({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}\n')
  t.end()
})

test("processOutput writes to the process's own streams", (t) => {
  const stdout = t.capture(process.stdout, 'write', () => true)
  const stderr = t.capture(process.stderr, 'write', () => true)
  processOutput.stdout('to stdout')
  processOutput.stderr('to stderr')
  const written = [stdout(), stderr()].map((calls) => calls.map(({ args }) => args[0]))
  t.same(written, [['to stdout'], ['to stderr']])
  t.end()
})
