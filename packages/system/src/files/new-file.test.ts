import { openSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { HeldFolder } from './held-folder.js'
import { NewFile } from './new-file.js'

test("NewFile has a name that nobody can guess, and is its owner's alone, until it takes its place", (t) => {
  const path = t.testdir()
  const folder = new HeldFolder({ descriptor: openSync(path, 'r'), path })
  t.teardown(() => folder.close())
  const files = ['same', 'same'].map((name) => new NewFile({ folder, name }))
  const names = readdirSync(path)
  t.equal(new Set(names).size, 2)
  for (const name of names) {
    t.match(name, /^\.negotiator-[0-9a-f]{32}$/)
    t.equal(statSync(join(path, name)).mode & 0o777, 0o600)
  }
  for (const file of files) file.drop()
  t.same(readdirSync(path), [])
  t.end()
})
