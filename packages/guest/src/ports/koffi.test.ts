import { copyFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { openEpollReadiness } from './epoll-readiness.js'
import { loadKoffi } from './koffi.js'

const koffi = dirname(createRequire(import.meta.url).resolve('koffi'))
const native = dirname(createRequire(join(koffi, 'index.js')).resolve(`@koromix/koffi-linux-${process.arch}`))

test("loadKoffi() needs nothing but koffi's native half, wherever it lies", (t) => {
  const addon = join(testFolder(t), 'carried.node')
  copyFileSync(join(native, `linux_${process.arch}/koffi.node`), addon)
  const readiness = openEpollReadiness(loadKoffi(addon))
  readiness.close()
  t.end()
})

test('loadKoffi() throws when there is no addon', (t) => {
  const folder = testFolder(t)
  t.throws(() => loadKoffi(join(folder, 'absent.node')), /absent\.node: cannot open shared object file/)
  writeFileSync(join(folder, 'text.node'), 'no addon')
  t.throws(() => loadKoffi(join(folder, 'text.node')), /file too short|invalid ELF header/)
  t.end()
})
