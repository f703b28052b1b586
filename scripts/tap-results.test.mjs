// Reading tap's result files, with text as tap writes it.

import { join } from 'node:path'
import { test } from 'tap'
import { readTapResults } from './tap-results.mjs'

const head = 'TAP version 14\n1..2\n# Subtest: dist/a.test.js\n    ok 1 - nested\n    1..1\n'

test('readTapResults() counts files at the outer level and asserts by the closing line', async (t) => {
  const text = `${head}ok 1 - dist/a.test.js # time=4ms\n\nnot ok 2 - dist/b.test.js # time=2ms\n  ---\n  exitCode: 1\n  ...\n
# { total: 12, pass: 8, fail: 1, skip: 2, todo: 1 }\n# time=1443.611ms\n`
  const folder = t.testdir({ 'results.tap': text })
  t.strictSame(readTapResults(join(folder, 'results.tap')), { files: 2, passed: 8, failed: 1, skipped: 3 })
})

test('readTapResults() takes no figures from a file that is missing or cut short', async (t) => {
  const folder = t.testdir({ 'cut.tap': `${head}ok 1 - dist/a.test.js # time=4ms\n` })
  t.equal(readTapResults(join(folder, 'missing.tap')), undefined)
  t.equal(readTapResults(join(folder, 'cut.tap')), undefined)
})
