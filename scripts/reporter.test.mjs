// The reporter, fed with TAP as tap writes it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import Reporter from './reporter.mjs'

const passing = `# Subtest: dist/a.test.js
    # Subtest: adds
        ok 1 - nested
        1..1
    ok 1 - adds # time=2ms

    1..1
ok 1 - dist/a.test.js # time=4ms
`

const failing = `# Subtest: dist/b.test.js
    # Subtest: fine
        ok 1 - nested
        1..1
    ok 1 - fine # time=2ms

    # Subtest: broken
        ok 1 - before
        # what the console said
        not ok 2 - should be equal
          ---
          diff: |
            -2
            +1
          ...
        not ok 3 - some day # TODO
        ok 4 - after
        1..4
    not ok 2 - broken # time=3ms
    1..2
not ok 2 - dist/b.test.js # time=9ms
  ---
  cwd: /somewhere
  exitCode: 1
  signal: null
  ...

# { total: 6, pass: 4, fail: 1, todo: 1 }
`

/** Feeds the reporter by pieces of this many characters; gives back what it shows and what it keeps. */
async function report({ t, tap, pieceLength }) {
  const path = join(t.testdir(), 'deep/results.tap')
  process.env.TAP_RESULTS_FILE = path
  const reporter = new Reporter()
  for (let start = 0; start < tap.length; start += pieceLength)
    reporter.write(tap.slice(start, start + pieceLength))
  reporter.end()
  return { shown: await text(reporter), kept: readFileSync(path, 'utf8') }
}

test('Reporter shows one line for a file that passed', async (t) => {
  const { shown } = await report({ t, tap: passing, pieceLength: 1000 })
  t.equal(shown, 'ok   dist/a.test.js # time=4ms\n')
})

test('Reporter shows of a file that failed what failed, and nothing that passed', async (t) => {
  const { shown } = await report({ t, tap: failing, pieceLength: 7 })
  t.equal(
    shown,
    `FAIL dist/b.test.js # time=9ms
    # Subtest: broken
        # what the console said
        not ok 2 - should be equal
          ---
          diff: |
            -2
            +1
          ...
    not ok 2 - broken # time=3ms
  exitCode: 1
`,
  )
})

test('Reporter keeps all of the TAP', async (t) => {
  const { kept } = await report({ t, tap: passing + failing, pieceLength: 5 })
  t.equal(kept, passing + failing)
})
