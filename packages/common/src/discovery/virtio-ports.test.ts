import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { SystemError } from '../errors.js'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { findPort, kernelFolders } from './virtio-ports.js'
import type { DeviceFolders } from './virtio-ports.js'

/** Folders as the kernel fills them: each entry holds a port's name, or no name at all. */
function kernelWith(test: Teardown, ports: Readonly<Record<string, string | undefined>>): DeviceFolders {
  const sysfs = testFolder(test)
  for (const [entry, name] of Object.entries(ports)) {
    mkdirSync(join(sysfs, entry))
    if (name !== undefined) writeFileSync(join(sysfs, entry, 'name'), `${name}\n`)
  }
  return { sysfs, dev: '/dev' }
}

test('findPort() gives the device node of the port with this name', async (t) => {
  const folders = kernelWith(t, {
    vport0p1: 'org.qemu.guest_agent.0',
    vport1p2: 'negotiator-host-to-guest.0',
  })
  t.equal(await findPort('negotiator-host-to-guest.0', folders), '/dev/vport1p2')
})

test('findPort() takes the whole name only', async (t) => {
  const folders = kernelWith(t, { vport0p1: 'negotiator-host-to-guest.01' })
  await t.rejects(findPort('negotiator-host-to-guest.0', folders), { code: 'port-missing' })
})

test('findPort() passes over ports without a name', async (t) => {
  const folders = kernelWith(t, { vport0p0: undefined, vport0p1: '', vport0p2: 'wanted' })
  t.equal(await findPort('wanted', folders), '/dev/vport0p2')
})

test('findPort() names the ports that there are', async (t) => {
  const folders = kernelWith(t, { vport0p2: 'b', vport0p1: 'a', vport0p0: undefined })
  const message =
    'Cannot find the port "wanted": the virtual machine has a, b; add the channel to its definition and start it anew'
  await t.rejects(findPort('wanted', folders), new SystemError(message, { code: 'port-missing' }))
})

test('findPort() says when there are no ports', async (t) => {
  await t.rejects(findPort('wanted', kernelWith(t, {})), {
    code: 'port-missing',
    message: /the virtual machine has none;/,
  })
})

test('findPort() says when the kernel knows no virtio ports', async (t) => {
  const folders = { sysfs: join(testFolder(t), 'absent'), dev: '/dev' }
  await t.rejects(findPort('wanted', folders), {
    code: 'no-virtio-console',
    message: /ENOENT.*virtio_console/,
  })
})

test('findPort() looks into sysfs unless told otherwise', async (t) => {
  t.same(kernelFolders, { sysfs: '/sys/class/virtio-ports', dev: '/dev' })
  await t.rejects(findPort('a port that no machine has'), SystemError)
})
