import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '../test-folder.js'
import { findKoffiIn, findOnce, importKoffi, loadKoffi } from './koffi.js'
import type { Koffi } from './koffi.js'

const koffi = dirname(createRequire(import.meta.url).resolve('koffi'))
const native = dirname(createRequire(join(koffi, 'index.js')).resolve(`@koromix/koffi-linux-${process.arch}`))
const addon = join(native, `linux_${process.arch}/koffi.node`)

/** Calls C. */
function processIdBy(found: Koffi): unknown {
  const getpid: () => unknown = found.load(null).func('int getpid()')
  return getpid()
}

test("loadKoffi() needs nothing but koffi's native half, wherever it lies", (t) => {
  const copy = join(testFolder(t), 'carried.node')
  copyFileSync(addon, copy)
  t.equal(processIdBy(loadKoffi(copy)), process.pid)
  t.end()
})

test('loadKoffi() throws when there is no addon', (t) => {
  const folder = testFolder(t)
  t.throws(() => loadKoffi(join(folder, 'absent.node')), /absent\.node: cannot open shared object file/)
  writeFileSync(join(folder, 'text.node'), 'no addon')
  t.throws(() => loadKoffi(join(folder, 'text.node')), /file too short|invalid ELF header/)
  t.end()
})

test('findKoffiIn() takes what lies in the folder, and else what is installed', async (t) => {
  const folder = join(testFolder(t), 'native')
  t.equal(processIdBy(await findKoffiIn(folder)), process.pid)
  mkdirSync(folder)
  writeFileSync(join(folder, `koffi-linux-${process.arch}.node`), 'no addon')
  await t.rejects(findKoffiIn(folder), /file too short|invalid ELF header/)
})

test('findOnce() looks once', async (t) => {
  let count = 0
  const find = findOnce(async () => {
    count += 1
    return await importKoffi()
  })
  t.equal(await find(), await find())
  t.equal(count, 1)
})
