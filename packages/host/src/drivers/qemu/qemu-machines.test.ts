/** Machines without a disk, of which the firmware alone runs; stories with a guest are in test/src. */
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { guestToHost, hostToGuest, silentLog, systemClock } from '@negotiator/common'
import { testFolder, writeCommand } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { checkMachines, testDefinition } from '../check-machines.js'
import type { MachineStage } from '../check-machines.js'
import type { Machines } from '../machines.js'
import { placesOf } from './machine-places.js'
import { createQemuDriver } from './qemu-driver.js'
import { createQemuMachines } from './qemu-machines.js'
import { QemuProcesses } from './qemu-processes.js'
import { askQemu } from './qmp.js'

const { signal } = new AbortController()
const qemuOptions = ['-accel', 'tcg']
const noQemu = await access('/usr/bin/qemu-system-x86_64', constants.X_OK).then(
  () => false,
  () => 'there is no QEMU',
)

interface QemuStage extends MachineStage {
  readonly root: string
  readonly stateFolder: string
}

async function stageOf(t: Test): Promise<QemuStage> {
  const root = testFolder(t)
  const stateFolder = join(root, 's')
  const needs = { root, stateFolder, runFolder: root, name: 'qemu', clock: systemClock, log: silentLog }
  t.teardown(async () => {
    for (const { id, machine } of await new QemuProcesses('/proc').look())
      if (machine.monitor?.startsWith(`${root}/`) === true) process.kill(id, 'SIGKILL')
  })
  const again = (): Machines => createQemuMachines(needs)
  // A reset is what a machine without a guest can be brought to.
  const endItself = async (uuid: string): Promise<void> => {
    const { monitor } = placesOf(uuid, { root, stateFolder })
    await askQemu({ path: monitor, commands: ['system_reset'], timeoutMs: 5000, clock: systemClock, signal })
  }
  return await Promise.resolve({ machines: again(), again, endItself, qemuOptions, root, stateFolder })
}

/** As the kernel would for want of memory; it is no child of ours. */
async function endProcess(id: number): Promise<void> {
  process.kill(id, 'SIGKILL')
  const processes = new QemuProcesses('/proc')
  while ((await processes.look()).some((found) => found.id === id)) await setImmediate()
}

test('QEMU processes keep the contract of machines', { skip: noQemu }, async (t) => {
  await checkMachines(t, stageOf)
})

test(
  'a machine has both channels, which only its owner may reach, and discovery finds it',
  { skip: noQemu },
  async (t) => {
    const { machines, root, stateFolder } = await stageOf(t)
    const definition = { ...testDefinition(qemuOptions), name: 'odd, name=x' }
    const places = placesOf(definition.uuid, { root, stateFolder })
    await machines.start(definition, signal)
    const found = await createQemuDriver({ clock: systemClock, log: silentLog }).list(signal)
    t.match(
      found.find(({ uuid }) => uuid === definition.uuid),
      {
        name: 'odd, name=x',
        sockets: { [hostToGuest]: places.hostToGuest, [guestToHost]: places.guestToHost },
      },
    )
    const renamed = createQemuDriver({
      ...{ clock: systemClock, log: silentLog, names: 'new-*' },
      managedName: async (uuid) => await Promise.resolve(uuid === definition.uuid ? 'new-name' : undefined),
    })
    t.match(await renamed.list(signal), [{ name: 'new-name', uuid: definition.uuid, state: 'running' }])
    t.equal(statSync(places.socketFolder).mode & 0o777, 0o700)
    await machines.kill({ uuid: definition.uuid, signal, graceMs: 10_000 })
    t.notOk(existsSync(places.socketFolder), 'what is off has no sockets')
  },
)

test(
  'a machine that ended by itself tells how, and its guest is off for whoever looks for guests',
  { skip: noQemu },
  async (t) => {
    const { machines, again, endItself } = await stageOf(t)
    const definition = testDefinition(qemuOptions)
    const call = { uuid: definition.uuid, signal }
    await machines.start(definition, signal)
    const ended = machines.ended(call)
    await endItself(call.uuid)
    t.match(await ended, { state: 'ended', end: 'reboot' })
    t.match(await again().state(call), { state: 'ended', end: 'reboot' })
    const found = await createQemuDriver({ clock: systemClock, log: silentLog }).list(signal)
    t.match(
      found.find(({ uuid }) => uuid === definition.uuid),
      { name: definition.name, state: 'off', sockets: {} },
      'its guest is off',
    )
    const status = await machines.state(call)
    if ('processId' in status && status.processId !== undefined) await endProcess(status.processId)
    t.same(
      await again().state(call),
      { state: 'ended', end: 'reboot' },
      'killed meanwhile, it has still rebooted',
    )
    await again().kill({ ...call, graceMs: 10_000 })
  },
)

test('a machine whose QEMU was killed has crashed, until it is let go', { skip: noQemu }, async (t) => {
  const { machines, again } = await stageOf(t)
  const definition = testDefinition(qemuOptions)
  const call = { uuid: definition.uuid, signal }
  await machines.start(definition, signal)
  const ended = machines.ended(call)
  const status = await machines.state(call)
  if ('processId' in status && status.processId !== undefined) process.kill(status.processId, 'SIGKILL')
  t.same(await ended, { state: 'ended', end: 'crash' })
  await again().kill({ ...call, graceMs: 100 })
  t.same(await machines.state(call), { state: 'off' })
})

test(
  'a machine that QEMU does not take tells why in its words, and leaves nothing',
  { skip: noQemu },
  async (t) => {
    const { machines, root } = await stageOf(t)
    const definition = { ...testDefinition(['-accel', 'tcg', '-device', 'no-such-device']), name: 'web1' }
    await t.rejects(machines.start(definition, signal), {
      code: 'machine-start-failed',
      message: /^Cannot start the guest "web1": .*no-such-device.*is not a valid device/,
    })
    t.same(await machines.state({ uuid: definition.uuid, signal }), { state: 'off' })
    t.same(readdirSync(join(root, 'run/negotiator-guests')), [])
  },
)

test('a memory that cannot be read is told and kept', { skip: noQemu }, async (t) => {
  const { machines, root, stateFolder } = await stageOf(t)
  const definition = { ...testDefinition(qemuOptions), name: 'web1' }
  const call = { uuid: definition.uuid, signal }
  await machines.start(definition, signal)
  await machines.suspend(call)
  const { memory } = placesOf(call.uuid, { root, stateFolder })
  const whole = readFileSync(memory)
  writeFileSync(memory, whole.subarray(0, 1000))
  await t.rejects(machines.resume(definition, signal), {
    code: 'machine-start-failed',
    message: `Cannot resume the machine ${call.uuid}: its memory could not be read; it is kept`,
  })
  t.same(await machines.state(call), { state: 'suspended' })
  writeFileSync(memory, whole)
  await machines.resume(definition, signal)
  t.match(await machines.state(call), { state: 'running' })
  await machines.kill({ ...call, graceMs: 10_000 })
})

test('kill() ends a machine whose monitor does not answer', { skip: noQemu }, async (t) => {
  const { machines } = await stageOf(t)
  const definition = testDefinition(qemuOptions)
  await machines.start(definition, signal)
  const status = await machines.state({ uuid: definition.uuid, signal })
  t.ok('processId' in status && status.processId !== undefined)
  if ('processId' in status && status.processId !== undefined) process.kill(status.processId, 'SIGSTOP')
  await machines.kill({ uuid: definition.uuid, signal, graceMs: 100 })
  t.same(await machines.state({ uuid: definition.uuid, signal }), { state: 'off' })
})

test('a QEMU of the same uuid that somebody else started is not ours', { skip: noQemu }, async (t) => {
  const [ours, theirs] = [await stageOf(t), await stageOf(t)]
  const definition = testDefinition(qemuOptions)
  await theirs.machines.start(definition, signal)
  const call = { uuid: definition.uuid, signal }
  t.same(await ours.machines.state(call), { state: 'off' })
  await ours.machines.kill({ ...call, graceMs: 100 })
  t.match(await theirs.machines.state(call), { state: 'running' })
  await theirs.machines.kill({ ...call, graceMs: 10_000 })
})

test('start() says what to install where there is no QEMU, and gives its words when it fails', async (t) => {
  const root = testFolder(t)
  const needs = { root, stateFolder: root, runFolder: root, name: 'qemu', clock: systemClock, log: silentLog }
  const definition = { ...testDefinition(), uuid: randomUUID(), name: 'web1' }
  const start = async (program: string): Promise<void> =>
    await createQemuMachines({ ...needs, program }).start(definition, signal)
  await t.rejects(start('/absent/qemu'), {
    code: 'machine-start-failed',
    message:
      'Cannot start the guest "web1": /absent/qemu is not installed; install it (Debian: qemu-system-x86, Fedora: qemu-kvm)',
  })
  const loud = writeCommand({
    folder: root,
    name: 'loud',
    script: 'echo "qemu-system-x86_64: no disk" >&2; exit 1',
  })
  await t.rejects(start(loud), { message: 'Cannot start the guest "web1": no disk' })
  const mute = writeCommand({ folder: root, name: 'mute', script: 'exit 3' })
  await t.rejects(start(mute), {
    message: 'Cannot start the guest "web1": QEMU ended with 3, and did not say why',
  })
  const text = join(root, 'text')
  writeFileSync(text, '')
  await t.rejects(start(text), { message: `Cannot start the guest "web1": ${text} cannot be run (EACCES)` })
})
