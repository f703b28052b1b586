import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { replaceFile } from './replace-file.js'
import { testFolder } from './test-folder.js'

test('replaceFile() takes the place of what was there, with the mode that is wanted', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'record')
  for (const [content, mode] of [
    ['old', 0o600],
    ['new', 0o646],
  ] as const) {
    await replaceFile(path, { content, mode })
    t.equal(readFileSync(path, 'utf8'), content)
    t.equal(statSync(path).mode & 0o777, mode)
  }
  t.same(readdirSync(folder), ['record'])
})

test('replaceFile() that fails leaves nothing behind', async (t) => {
  const folder = testFolder(t)
  const path = join(folder, 'record')
  mkdirSync(join(path, 'in-the-way'), { recursive: true })
  await t.rejects(replaceFile(path, { content: 'new', mode: 0o600 }), { code: /^E(ISDIR|NOTEMPTY|EXIST)$/ })
  t.same(readdirSync(folder), ['record'])
})
