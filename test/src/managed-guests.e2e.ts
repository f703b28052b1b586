/**
 * Managed guests on a real hypervisor: started as plain QEMU processes that outlive the daemon, stopped, suspended, restarted when they
 * crash, and taken down with the host.
 */
import { test } from 'tap'
import { ManagedStage } from './machine/managed-stage.js'
import { guestCommand } from './machine/story.js'

/** What the guests' own policy has to say of being switched off. */
const allowsPower = {
  to: '/etc/negotiator/policy.d/30-local.policy',
  content: 'power * @host @self allow\n',
}

const guestFiles = [
  allowsPower,
  guestCommand({ name: 'boot-id', text: '#!/bin/sh\ncat /proc/sys/kernel/random/boot_id\n' }),
  guestCommand({ name: 'panic', text: '#!/bin/sh\necho c >/proc/sysrq-trigger\n' }),
]

test('managed guests live, end and go on as their definitions say', { timeout: 1_200_000 }, async (t) => {
  const stage = await ManagedStage.set(t, guestFiles)
  const { host } = stage
  await stage.define('managed-1', 'on_crash = "rename-restart"\n')
  const bootId = async (): Promise<string> => (await host.cli(['run', 'managed-1', 'boot-id'])).stdout.trim()
  const wait = async (): Promise<void> => {
    t.match(await host.cli(['wait', 'managed-1', '--timeout', '300']), { status: 0, stderr: '' })
  }

  await t.test('a guest is started, and can be called', async (t) => {
    t.same(await host.cli(['guest', 'start', 'managed-1']), {
      status: 0,
      stdout: 'managed-1 is running\n',
      stderr: '',
    })
    await wait()
    t.match(await bootId(), /^[0-9a-f-]{36}$/)
    t.match((await host.cli(['guest', 'list'])).stdout, /managed-1 .* running/)
  })

  await t.test('it goes on when the daemon is stopped, or killed, and is found again', async (t) => {
    const before = { process: await stage.processOf('managed-1'), boot: await bootId() }
    await host.stop()
    await host.startDaemon()
    await wait()
    await host.killDaemon()
    await host.startDaemon()
    await wait()
    t.same({ process: await stage.processOf('managed-1'), boot: await bootId() }, before)
    t.same(
      (await host.cli(['guest', 'start', 'managed-1'])).stdout,
      'managed-1 is running: it was running already\n',
    )
  })

  await t.test('suspended, it has no process; resumed, it goes on where it was', async (t) => {
    const before = await bootId()
    t.match(await host.cli(['guest', 'suspend', 'managed-1']), {
      status: 0,
      stdout: 'managed-1 is suspended\n',
    })
    t.equal(await stage.processOf('managed-1'), undefined)
    t.match(await host.cli(['guest', 'stop', 'managed-1']), {
      status: 1,
      stderr:
        'negotiator-host: Cannot stop "managed-1": it is suspended; resume it, or use --mode kill to throw its memory away\n',
    })
    t.match(await host.cli(['guest', 'resume', 'managed-1']), { status: 0, stdout: 'managed-1 is running\n' })
    await wait()
    t.equal(await bootId(), before)
  })

  await t.test('a guest that reboots is the same machine, and is called again', async (t) => {
    const before = { process: await stage.processOf('managed-1'), boot: await bootId() }
    t.match(await host.cli(['run', '--no-stdin', 'managed-1', 'power', 'reboot']), { status: 0, stderr: '' })
    await stage.until(async () => ![before.boot, ''].includes(await bootId()))
    t.equal(await stage.processOf('managed-1'), before.process)
  })

  await t.test('a guest whose kernel panics is kept under another name, and runs again', async (t) => {
    const before = await stage.processOf('managed-1')
    await host.cli(['run', '--no-stdin', 'managed-1', 'panic'])
    await stage.until(async () => ![before, undefined].includes(await stage.processOf('managed-1')))
    await wait()
    const { guests } = JSON.parse((await host.cli(['guest', 'list', '--json'])).stdout) as {
      readonly guests: readonly { readonly name: string; readonly uuid: string }[]
    }
    t.equal(guests.length, 2)
    const kept = guests.find(({ name }) => name !== 'managed-1')
    t.match(kept?.name, /^managed-1-\d{8}-\d{6}$/)
    t.ok(await stage.isElfCore(kept?.uuid ?? ''), 'its memory is an ELF core')
  })

  await t.test('a QEMU that is killed has crashed, and the guest is started again', async () => {
    const before = await stage.processOf('managed-1')
    process.kill(before ?? 0, 'SIGKILL')
    await stage.until(async () => ![before, undefined].includes(await stage.processOf('managed-1')))
    await wait()
  })

  await t.test('a stop asks the agent, and each step is told', async (t) => {
    const { stdout, status } = await host.cli(['guest', 'stop', 'managed-1', '--json'])
    t.equal(status, 0)
    t.match(JSON.parse(stdout), { outcome: 'off', steps: [{ step: 'agent', outcome: 'ended' }] })
    t.equal(await stage.processOf('managed-1'), undefined)
    t.match((await host.cli(['guest', 'list'])).stdout, /managed-1 .* off/)
  })
})

test('a host that goes down takes its guests along', { timeout: 1_200_000 }, async (t) => {
  const stage = await ManagedStage.set(t, guestFiles)
  const { host } = stage
  const policies = 'on_daemon_start = "start"\n'
  await stage.define('managed-1', policies)
  await stage.define('managed-2', `${policies}on_host_shutdown = "suspend"\n`)
  await stage.define('managed-3', `${policies}[stop]\nagent = "skip"\nacpi = "5s"\n`)
  await host.stop()
  await host.startDaemon()
  for (const name of ['managed-1', 'managed-2', 'managed-3'])
    t.match(await host.cli(['wait', name, '--timeout', '300']), { status: 0 })

  await t.test('all at once, under one deadline, with a report for each', async (t) => {
    const { stdout, status } = await host.cli(['guest', 'host-shutdown', '--timeout', '90', '--json'])
    t.equal(status, 0)
    t.match(reportsIn(stdout), {
      'managed-1': { outcome: 'off', steps: [{ step: 'agent', outcome: 'ended' }] },
      'managed-2': { outcome: 'suspended' },
      'managed-3': {
        outcome: 'off',
        steps: [
          { step: 'agent', outcome: 'left-out' },
          // Nobody listens to the power button in this guest.
          { step: 'acpi', outcome: 'not-in-time' },
          { step: 'kill', outcome: 'ended' },
        ],
      },
    })
    for (const name of ['managed-1', 'managed-2', 'managed-3'])
      t.equal(await stage.processOf(name), undefined)
  })

  await t.test('and the next daemon brings them up', async (t) => {
    await host.stop()
    await host.startDaemon()
    for (const name of ['managed-1', 'managed-2', 'managed-3'])
      t.match(await host.cli(['wait', name, '--timeout', '300']), { status: 0 }, name)
  })
})

/** JSON documents, one behind the other, by guest. */
function reportsIn(text: string): Readonly<Record<string, unknown>> {
  const documents = text.split(/(?<=^\})\n/m).filter((document) => document !== '')
  const reports = documents.map((document) => JSON.parse(document) as { guest: { name: string } })
  return Object.fromEntries(reports.map((report) => [report.guest.name, report]))
}
