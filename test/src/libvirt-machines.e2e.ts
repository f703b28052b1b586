/**
 * Machines as domains of a real libvirtd: the contract of machines, what becomes of domains that were there before, and how an end is
 * told. Nothing boots but the firmware.
 */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { guestToHost, hostToGuest, silentLog, systemClock } from '@negotiator/common'
import { checkMachines, driverMachines, testDefinition } from '@negotiator/host/testing'
import type { GuestDefinition, Machines } from '@negotiator/host/testing'
import { domainXml } from './machine/domain-definition.js'
import { TestLibvirt } from './machine/libvirt.js'
import { tellOnFailure } from './machine/tell-on-failure.js'
import { WatchedDriver } from './machine/watched-driver.js'

const { signal } = new AbortController()
const graceMs = 10_000

test('libvirt machines', { timeout: 300_000 }, async (t) => {
  const libvirt = await TestLibvirt.start({ log: (line) => t.comment(line) })
  t.teardown(async () => await libvirt.close())
  tellOnFailure(t, async () => await libvirt.log())
  const driver = `libvirt:${libvirt.uri}`
  const [runFolder, stateFolder] = [join(libvirt.folder, 'run'), join(libvirt.folder, 'state')]
  const make = async (): Promise<Machines> =>
    await driverMachines(driver, {
      ...{ root: libvirt.folder, runFolder, stateFolder },
      ...{ clock: systemClock, log: silentLog },
    })
  const machines = await make()
  const another = await make()
  // A reset is what a machine without a guest can be brought to. It may be gone before it has answered.
  const reset = '{"execute":"system_reset"}'
  const endItself = async (uuid: string): Promise<void> =>
    void (await libvirt.run('virsh', ['qemu-monitor-command', uuid, reset]))
  const isThere = async (uuid: string): Promise<boolean> =>
    (await libvirt.virsh('list', '--all', '--uuid')).includes(uuid)
  const killed = async ({ uuid }: GuestDefinition): Promise<void> =>
    await machines.kill({ uuid, signal, graceMs })

  await t.test('they keep the contract', async (t) => {
    await checkMachines(
      t,
      async () => await Promise.resolve({ machines, again: () => another, endItself, qemuOptions: [] }),
    )
  })

  await t.test(
    'one is made with both channels, found under its name, and gone when it is let go',
    async (t) => {
      const definition = { ...testDefinition(), name: 'web1' }
      const watched = await WatchedDriver.start(t, driver)
      await machines.start(definition, signal)
      const found = await watched.until(({ uuid, state }) => uuid === definition.uuid && state === 'running')
      t.equal(found.name, 'web1')
      t.same(Object.keys(found.sockets).sort(), [guestToHost, hostToGuest])
      const xml = await libvirt.virsh('dumpxml', '--inactive', definition.uuid)
      t.match(xml, '<managed:guest xmlns:managed="urn:negotiator:managed-guest"/>')
      t.match(xml, /<on_poweroff>destroy<.*<on_reboot>destroy<.*<on_crash>preserve</s)
      await killed(definition)
      t.notOk(await isThere(definition.uuid))
    },
  )

  await t.test('libvirt takes all that a definition may say', async (t) => {
    const buses = ['virtio', 'scsi', 'sata', 'ide'] as const
    const path = join(libvirt.folder, "disk of o'guest & <more>")
    await writeFile(path, Buffer.alloc(1024 * 1024))
    const disks = buses.flatMap((bus) =>
      (['disk', 'cdrom'] as const).map((kind) => ({
        ...({ path, format: 'raw', kind, bus, isReadOnly: true } as const),
      })),
    )
    const definition: GuestDefinition = {
      ...testDefinition(['-object', 'rng-random,id=it-is-there,filename=/dev/urandom']),
      disks: disks.filter(({ kind, bus }) => kind === 'cdrom' || (bus !== 'ide' && bus !== 'sata')),
      interfaces: [{ kind: 'user', mac: '52:54:00:12:34:56', model: 'virtio-net-pci' }],
      vcpuCount: 2,
    }
    await machines.start(definition, signal)
    const asked = async (question: string): Promise<string> =>
      await libvirt.virsh('qemu-monitor-command', definition.uuid, '--hmp', question)
    t.match(await asked('qom-list /objects'), 'it-is-there')
    const tree = await asked('info qtree')
    for (const device of ['scsi-hd', 'scsi-cd', 'ide-cd', 'virtio-net-pci', 'pvpanic'])
      t.match(tree, `dev: ${device}`)
    t.equal(tree.match(/dev: virtio-blk-pci/g)?.length, 2)
    t.equal(tree.match(/dev: virtserialport/g)?.length, 2)
    await killed(definition)
  })

  await t.test('a domain that was there before is used as it is, and stays', async (t) => {
    const definition = { ...testDefinition(), memoryBytes: 999 * 1024 * 1024 }
    const { uuid } = definition
    const call = { uuid, signal }
    const on = '<on_reboot>destroy</on_reboot>\n  <devices>'
    await libvirt.define(domainXml({ name: 'theirs', uuid }).replace('<devices>', on))
    const before = await libvirt.virsh('dumpxml', '--inactive', uuid)
    await machines.start(definition, signal)
    const ended = machines.ended(call)
    await endItself(uuid)
    t.same(await ended, { state: 'ended', end: 'poweroff' })
    t.same(await another.state(call), { state: 'ended', end: 'poweroff' })
    await killed(definition)
    t.same(await another.state(call), { state: 'off' })
    await machines.start(definition, signal)
    await machines.suspend(call)
    await machines.resume(definition, signal)
    await killed(definition)
    t.equal(await libvirt.virsh('dumpxml', '--inactive', uuid), before)
  })

  await t.test('one that somebody else has started is watched, too, and what he stops is off', async (t) => {
    const [uuid, definition] = [randomUUID(), testDefinition()]
    await libvirt.define(domainXml({ name: 'somebody-else', uuid }))
    await libvirt.virsh('start', uuid)
    t.match(await machines.state({ uuid, signal }), { state: 'running' })
    await t.rejects(machines.start({ ...definition, uuid }, signal), { code: 'machine-not-off' })
    await libvirt.virsh('suspend', uuid)
    t.match(await machines.state({ uuid, signal }), { state: 'paused' })
    const ended = machines.ended({ uuid, signal })
    await libvirt.virsh('destroy', uuid)
    t.same(await ended, { state: 'off' })
  })

  await t.test('one whose QEMU is killed has crashed, also when libvirtd is away meanwhile', async (t) => {
    const definition = { ...testDefinition(), name: 'crashes', onCrash: 'destroy' as const }
    const call = { uuid: definition.uuid, signal }
    const killQemu = async (): Promise<void> =>
      void (await libvirt.run('sh', ['-c', 'kill -9 $(cat /run/libvirt/qemu/crashes.pid)']))
    await machines.start(definition, signal)
    const ended = machines.ended(call)
    await killQemu()
    t.same(await ended, { state: 'ended', end: 'crash' })
    await killed(definition)
    await machines.start(definition, signal)
    const endedWithoutLibvirtd = machines.ended(call)
    await libvirt.stopLibvirtd()
    await t.rejects(another.state(call), { code: 'libvirt-unreachable' })
    await killQemu()
    await libvirt.startLibvirtd()
    t.same(await endedWithoutLibvirtd, { state: 'ended', end: 'crash' })
    t.same(await another.state(call), { state: 'ended', end: 'crash' })
    await killed(definition)
  })

  await t.test('the memory of one that has a process is written as an ELF core', async (t) => {
    const definition = testDefinition()
    const call = { uuid: definition.uuid, signal }
    const path = join(libvirt.folder, "it's a core")
    await machines.start(definition, signal)
    await libvirt.virsh('suspend', definition.uuid)
    t.equal(await machines.dump?.({ ...call, path }), true)
    t.equal((await readFile(path)).subarray(0, 4).toString('latin1'), '\x7fELF')
    await t.rejects(async () => void (await machines.dump?.({ ...call, path: '/absent/core' })), {
      code: 'machine-dump-failed',
      message: /^Cannot write the memory of the machine .+: .*\/absent\/core/,
    })
    await killed(definition)
    await libvirt.define(domainXml({ name: 'off', uuid: definition.uuid }))
    t.equal(await machines.dump?.({ ...call, path }), false)
  })

  await t.test('what libvirt does not take is told in its words, and leaves nothing', async (t) => {
    const disk = { format: 'raw', kind: 'disk', bus: 'virtio', isReadOnly: false } as const
    const missing = { ...testDefinition(), name: 'web2', disks: [{ ...disk, path: '/absent/disk' }] }
    await t.rejects(machines.start(missing, signal), {
      code: 'machine-start-failed',
      message: /^Cannot start the guest "web2": Cannot access storage file '\/absent\/disk'.*: No such file/,
    })
    t.notOk(await isThere(missing.uuid))
    const odd = { ...testDefinition(), name: 'web3', memoryBytes: 2 ** 52 }
    await t.rejects(machines.start(odd, signal), {
      code: 'machine-start-failed',
      message: /^Cannot start the guest "web3": .+/,
    })
    t.notOk(await isThere(odd.uuid))
    const taken = testDefinition()
    await libvirt.define(domainXml({ name: taken.name, uuid: randomUUID() }))
    await t.rejects(machines.start(taken, signal), {
      code: 'machine-start-failed',
      message: /: operation failed: domain '.*' already exists with uuid/,
    })
  })
})
