/**
 * Machines that the qemu driver runs, with guests in them: one is suspended and goes on, each of its twins ends in its own way, and
 * whoever comes later and knows nothing of it finds out.
 */
import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { silentLog, systemClock } from '@negotiator/common'
import { driverMachines, testDefinition } from '@negotiator/host/testing'
import type { GuestDefinition, Machines, MachineStatus } from '@negotiator/host/testing'
import { HostProgram } from './machine/host-program.js'
import { buildNegotiatorImage } from './machine/negotiator-image.js'
import { ensurePrerequisites } from './machine/prerequisites.js'
import { kernelOptions } from './machine/qemu-arguments.js'
import { guestCommand } from './machine/story.js'
import { tellOnFailure } from './machine/tell-on-failure.js'

const { signal } = new AbortController()

/** What the kernel needs for its power button, and to tell the machine of a panic. */
const modules = ['button', 'evdev', 'pvpanic_mmio']

const guestCommands = [
  { name: 'count', text: `#!/bin/sh\necho x >>/run/counted\nwc -l </run/counted\n` },
  {
    name: 'await-button',
    text: `#!/bin/sh
for device in /dev/input/event*; do (head -c 24 "$device" >/run/pressed && poweroff -f) & done
echo waiting
wait
`,
  },
  { name: 'reboot', text: '#!/bin/sh\nreboot -f\n' },
  { name: 'panic', text: '#!/bin/sh\necho c >/proc/sysrq-trigger\n' },
]

test('machines that the qemu driver runs', { timeout: 600_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'ng-'))
  t.teardown(async () => await rm(root, { recursive: true, force: true }))
  const image = await buildNegotiatorImage({
    prerequisites: await ensurePrerequisites({ install: true, log: (line) => t.comment(line) }),
    files: guestCommands.map(guestCommand),
    modules,
  })
  const make = async (): Promise<Machines> =>
    await driverMachines('qemu', {
      ...{ root, stateFolder: join(root, 'var/lib/negotiator'), runFolder: join(root, 'run/negotiator') },
      ...{ clock: systemClock, log: silentLog },
    })
  const machines = await make()
  const family = `machine-${randomUUID().slice(0, 8)}`
  const memoryOf = (uuid: string): string => join(root, 'var/lib/negotiator/machines', uuid, 'memory')
  const logOf = (name: string): string => join(root, `${name}.log`)
  const define = (role: string): GuestDefinition => {
    const name = `${family}-${role}`
    return {
      ...testDefinition(),
      ...{ name, memoryBytes: 512 * 1024 * 1024, vcpuCount: 2 },
      kernel: {
        path: image.kernel,
        initrd: image.initramfs,
        args: `${kernelOptions} negotiator.hostname=${name} negotiator.ports=2`,
      },
      qemuOptions: [
        ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max,erms=off'],
        ...['-serial', `file:${logOf(name)}`, '-serial', 'null'],
      ],
    }
  }
  const first = define('first')
  const twins = [define('poweroff'), define('reboot'), define('crash')] as const
  const all = [first, ...twins]
  tellOnFailure(t, async () =>
    (await Promise.all(all.map(async ({ name }) => await tail(logOf(name))))).join(),
  )
  t.teardown(
    async () =>
      await Promise.all(all.map(async ({ uuid }) => await machines.kill({ uuid, signal, graceMs: 0 }))),
  )
  await machines.start(first, signal)
  const host = await HostProgram.start({ root, config: [`drivers = ["qemu:${family}-*"]`] })
  t.teardown(async () => await host.stop())
  tellOnFailure(t, () => host.log)
  const client = await host.connect()
  t.teardown(() => client.close())
  const run = async ({ name }: GuestDefinition, command: string): Promise<string> =>
    (await host.cli(['run', name, command])).stdout.trim()
  const untilState = async ({ uuid }: GuestDefinition, state: string): Promise<void> => {
    for await (const peers of client.watchPeers())
      if (peers.some((peer) => peer.uuid === uuid && peer.state === state)) return
  }

  await t.test('it is found under its name, and its guest can be called', async (t) => {
    await client.wait(first.name, { timeoutMs: 240_000 })
    t.equal(await run(first, 'count'), '1')
  })

  await t.test('suspended, it goes on where it was, and its guest can be called', async (t) => {
    const call = { uuid: first.uuid, signal }
    await machines.suspend(call)
    const later = await make()
    t.same(await later.state(call), { state: 'suspended' })
    for await (const peers of client.watchPeers()) if (!peers.some(({ name }) => name === first.name)) break
    // A boot takes longest, and what goes on from a copy of the memory has booted.
    for (const { uuid } of twins) {
      await mkdir(dirname(memoryOf(uuid)))
      await copyFile(memoryOf(first.uuid), memoryOf(uuid))
    }
    for (const definition of all) await later.resume(definition, signal)
    for (const definition of all) {
      await client.wait(definition.name, { timeoutMs: 60_000 })
      t.equal(await run(definition, 'count'), '2')
    }
  })

  /** Lets a machine end; that is told at once, and later to whoever asks. */
  const endOf = async (definition: GuestDefinition, end: () => Promise<unknown>): Promise<MachineStatus> => {
    const call = { uuid: definition.uuid, signal }
    const ended = machines.ended(call)
    await end()
    const status = await ended
    const later = await make()
    t.same(await later.state(call), status)
    await untilState(definition, 'off')
    await later.kill({ ...call, graceMs: 10_000 })
    t.same(await machines.state(call), { state: 'off' })
    return status
  }

  await t.test('each end is told for what it was', async (t) => {
    const [poweroff, reboot, crash] = twins
    const [off, rebooted, crashed] = await Promise.all([
      endOf(poweroff, async () => {
        const waiting = client.call({ target: poweroff.name, command: 'await-button' })
        waiting.stderr.resume()
        await new Promise<void>((resolve) => waiting.stdout.once('data', () => resolve()))
        await machines.shutdown({ uuid: poweroff.uuid, signal })
        await waiting.result
      }),
      endOf(reboot, async () => await run(reboot, 'reboot')),
      endOf(crash, async () => await run(crash, 'panic')),
    ])
    t.match(off, { state: 'ended', end: 'poweroff' })
    t.match(rebooted, { state: 'ended', end: 'reboot' })
    t.match(crashed, { state: 'ended', end: 'crash' })
  })

  await t.test(
    'a machine whose QEMU is killed has crashed, for who waits and for who asks later',
    async (t) => {
      const call = { uuid: first.uuid, signal }
      const ended = machines.ended(call)
      const status = await machines.state(call)
      if ('processId' in status && status.processId !== undefined) process.kill(status.processId, 'SIGKILL')
      t.same(await ended, { state: 'ended', end: 'crash' })
      t.same(await (await make()).state(call), { state: 'ended', end: 'crash' })
    },
  )
})

async function tail(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).slice(-4000)
}
