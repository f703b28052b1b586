/** What needs no libvirtd; the contract of drivers, and all that needs one, is in test/src/libvirt-driver.e2e.ts. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog, systemClock } from '@negotiator/common'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import { AwaitedChanges } from '../test-world.js'
import { createLibvirtDriver } from './libvirt-driver.js'

const missing = {
  name: 'libvirt',
  uri: 'qemu:///system',
  clock: systemClock,
  log: silentLog,
  program: '/nowhere/virsh',
}
const { signal } = new AbortController()

test('list() says so where there is no virsh, and gives no guests where none is needed', async (t) => {
  await t.rejects(createLibvirtDriver(missing).list(signal), { code: 'virsh-missing' })
  t.same(await createLibvirtDriver({ ...missing, isOptional: true }).list(signal), [])
})

test("watch() tells when libvirt's hook has touched its file, which may come, go and come again", async (t) => {
  const pokeFile = join(testFolder(t), 'libvirt-changed')
  const changes = new AwaitedChanges()
  const unwatch = await createLibvirtDriver({ ...missing, pokeFile }).watch(changes.onChange)
  t.teardown(unwatch)
  writeFileSync(pokeFile, '')
  await changes.moreThan(0)
  writeFileSync(`${pokeFile}.other`, '')
  const told = changes.count
  writeFileSync(pokeFile, '')
  await changes.moreThan(told)
})

test('watch() goes on where the folder of the hook does not exist', async (t) => {
  const pokeFile = join(testFolder(t), 'missing', 'libvirt-changed')
  const unwatch = await createLibvirtDriver({ ...missing, pokeFile }).watch(() => undefined)
  await t.resolves(unwatch())
})
