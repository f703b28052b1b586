import { test } from 'tap'
import { otherUuid, testUuid } from '../test-definition.js'
import { startGuest, stopGuest, suspendGuest, resumeGuest } from './guest-acts.js'
import type { GuestRunner } from './guest-runner.js'
import { ManagedGuests } from './managed-guests.js'
import type { CameOut, GuestReport } from './report.js'
import { TestLife } from './test-life.js'

const { signal } = new AbortController()

/** Two guests: each has a name and a uuid of its own. */
const other = { uuid: otherUuid, name: 'web2' }

function start(life: TestLife): (runner: GuestRunner) => Promise<CameOut> {
  return async (runner) => await startGuest({ runner, tools: life.tools, signal, why: 'asked' })
}

function stop(
  life: TestLife,
  wish: { mode?: 'agent' | 'acpi' | 'kill'; untilMs?: number } = {},
): (runner: GuestRunner) => Promise<CameOut> {
  return async (runner) => await stopGuest({ runner, tools: life.tools, signal, why: 'asked', ...wish })
}

async function gathered(reports: AsyncGenerator<GuestReport>): Promise<readonly GuestReport[]> {
  const all: GuestReport[] = []
  for await (const report of reports) all.push(report)
  return all.sort((one, two) => (one.guest.name < two.guest.name ? -1 : 1))
}

test('start() starts what shall be started, and nothing else', async (t) => {
  const life = new TestLife(t)
  await life.define({ on_daemon_start: 'start' })
  await life.define(other)
  await life.daemon()
  await life.untilState(testUuid, 'running')
  t.same(life.phases, ['starting web1 daemon-start'])
  t.same(await life.machines.state({ uuid: otherUuid, signal }), { state: 'off' })
})

test('start() leaves off what was stopped since the host was booted, and starts it after the next boot', async (t) => {
  const life = new TestLife(t)
  await life.define({ on_daemon_start: 'start' })
  await life.define({ ...other, on_daemon_start: 'start' })
  const first = await life.daemon()
  await life.untilState(testUuid, 'running')
  await first.act('web1', stop(life, { mode: 'kill' }))
  await first.close()
  await life.machines.kill({ uuid: otherUuid, signal, graceMs: 0 })
  await life.daemon()
  await life.untilState(otherUuid, 'running')
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'off' })
  life.bootId = 'boot-2'
  await life.daemon()
  await life.untilState(testUuid, 'running')
})

test('a guest that the hooks do not want is not started, and who said no is told', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  life.vetoed = 'starting'
  t.match(await managed.act('web1', start(life)), {
    guest: { name: 'web1', uuid: testUuid },
    outcome: 'failed',
    reason: 'Cannot start "web1": the hook "20-no" of "starting" has said no',
  })
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'off' })
})

test('a guest that runs is not started twice', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  t.match(await managed.act('web1', start(life)), { outcome: 'running', reason: undefined })
  t.match(await managed.act(testUuid, start(life)), {
    outcome: 'running',
    reason: 'it was running already',
  })
  await t.rejects(managed.act('web3', start(life)), {
    code: 'no-such-guest',
    message: /^Cannot find the managed guest "web3": none has this name or uuid; did you mean "web1"\?$/,
  })
})

test('a stop asks the agent, then presses the button, then kills, each in its time', async (t) => {
  const life = new TestLife(t)
  await life.define({ stop: { agent: '30s', acpi: '20s', kill: '5s' } })
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  life.answer = async () => await Promise.resolve({ kind: 'done' })
  const stopping = managed.act('web1', stop(life))
  await life.until(() => life.asked.length === 1)
  t.same(managed.status(), [{ uuid: testUuid, doing: 'stop' }])
  await life.clock.advance(29_000)
  t.equal(life.machines.pressCount(testUuid), 0)
  await life.clock.advance(1_000)
  t.equal(life.machines.pressCount(testUuid), 1)
  await life.clock.advance(20_000)
  t.same(await stopping, {
    guest: { name: 'web1', uuid: testUuid },
    outcome: 'off',
    steps: [
      { step: 'agent', outcome: 'not-in-time', durationMs: 30_000 },
      { step: 'acpi', outcome: 'not-in-time', durationMs: 20_000 },
      { step: 'kill', outcome: 'ended', durationMs: 0 },
    ],
    durationMs: 50_000,
  })
  t.same(life.asked, ['power shutdown'])
  t.same(life.phases, ['starting web1 asked', 'stopping web1 asked'])
})

test('a stop goes on at once where a guest has no agent, and ends once the guest has', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  const stopping = managed.act('web1', stop(life))
  await life.until(() => life.machines.pressCount(testUuid) === 1)
  life.machines.endItself(testUuid, 'poweroff')
  t.match(await stopping, {
    outcome: 'off',
    steps: [
      { step: 'agent', outcome: 'failed', reason: 'it has no agent', durationMs: 0 },
      { step: 'acpi', outcome: 'ended', durationMs: 0 },
    ],
  })
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'off' })
})

test('a stop by one way takes no other, and tells that the guest still runs', async (t) => {
  const life = new TestLife(t)
  await life.define({ stop: { acpi: '20s' } })
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  const stopping = managed.act('web1', stop(life, { mode: 'acpi' }))
  await life.until(() => life.machines.pressCount(testUuid) === 1)
  await life.clock.advance(20_000)
  t.match(await stopping, {
    outcome: 'failed',
    reason: 'Cannot stop "web1": it still runs (acpi: not in time)',
  })
  t.match(await life.machines.state({ uuid: testUuid, signal }), { state: 'running' })
})

test('a step that a definition skips is left out, unless it is asked for', async (t) => {
  const life = new TestLife(t)
  await life.define({ stop: { agent: 'skip', acpi: 'skip', kill: 'skip' } })
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  t.match(await managed.act('web1', stop(life)), {
    outcome: 'failed',
    reason:
      'Cannot stop "web1": it still runs (agent: its definition says "skip"; acpi: its definition says "skip"; kill: its definition says "skip")',
  })
  t.match(await managed.act('web1', stop(life, { mode: 'kill' })), { outcome: 'off' })
})

test('a kill takes the place of a stop that takes long', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  const patient = managed.act('web1', stop(life))
  await life.until(() => life.machines.pressCount(testUuid) === 1)
  t.match(await managed.act('web1', stop(life, { mode: 'kill' })), { outcome: 'off' })
  t.match(await patient, { outcome: 'failed', reason: 'It was broken off by a kill of the guest' })
})

test('a suspended guest goes on, is not stopped, and may be thrown away', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  life.answer = async () => await Promise.resolve({ kind: 'done' })
  const { tools } = life
  const suspend = async (runner: GuestRunner): Promise<CameOut> =>
    await suspendGuest({ runner, tools, signal })
  const resume = async (runner: GuestRunner): Promise<CameOut> => await resumeGuest({ runner, tools, signal })
  t.match(await managed.act('web1', suspend), { outcome: 'suspended' })
  t.match(await managed.act('web1', suspend), { outcome: 'suspended', reason: 'it was suspended already' })
  t.match(await managed.act('web1', stop(life)), {
    outcome: 'failed',
    reason: 'Cannot stop "web1": it is suspended; resume it, or use --mode kill to throw its memory away',
  })
  t.match(await managed.act('web1', resume), { outcome: 'running' })
  await life.until(() => life.asked.length === 2)
  t.same(life.asked, ['lifecycle before-hibernation', 'lifecycle after-hibernation'])
  t.same(life.phases, ['starting web1 asked', 'before-hibernation web1', 'after-hibernation web1'])
  await managed.act('web1', suspend)
  t.match(await managed.act('web1', stop(life, { mode: 'kill' })), { outcome: 'off' })
  t.match(await managed.act('web1', suspend), {
    outcome: 'failed',
    reason: 'Cannot suspend the machine "web1": it is off',
  })
})

test('a guest may say no to being suspended; whoever was asked is told that it goes on', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', start(life))
  const { tools } = life
  const suspend = async (runner: GuestRunner): Promise<CameOut> =>
    await suspendGuest({ runner, tools, signal })
  life.answer = async () =>
    await Promise.resolve({ kind: 'refused', reason: 'it exited with 3: a backup runs', exitCode: 3 })
  t.match(await managed.act('web1', suspend), {
    outcome: 'failed',
    reason: 'Cannot suspend "web1": the guest itself has said no (it exited with 3: a backup runs)',
  })
  life.answer = async () => await Promise.resolve({ kind: 'done' })
  life.vetoed = 'before-hibernation'
  t.match(await managed.act('web1', suspend), {
    outcome: 'failed',
    reason: 'Cannot suspend "web1": the hook "20-no" of "before-hibernation" has said no',
  })
  t.same(life.asked, [
    'lifecycle before-hibernation',
    'lifecycle after-hibernation',
    'lifecycle before-hibernation',
    'lifecycle after-hibernation',
  ])
  t.match(await life.machines.state({ uuid: testUuid, signal }), { state: 'running' })
  life.vetoed = undefined
  life.answer = async () =>
    await Promise.resolve({ kind: 'refused', reason: 'it exited with 1: no log', exitCode: 1 })
  t.match(await managed.act('web1', suspend), { outcome: 'suspended' }, 'a hook that only failed is no veto')
})

test('takeAllDown() does what each definition says, at the same time', async (t) => {
  const life = new TestLife(t)
  const third = '9b1f0f3a-0000-4000-8000-000000000003'
  await life.define({ on_host_shutdown: 'shutdown' })
  await life.define({ ...other, on_host_shutdown: 'suspend' })
  await life.define({ uuid: third, name: 'web3', on_host_shutdown: 'ignore' })
  const managed = await life.daemon()
  for (const name of ['web1', 'web2', 'web3']) await managed.act(name, start(life))
  const reports = gathered(managed.takeAllDown('onHostShutdown', { signal }))
  await life.until(() => life.machines.pressCount(testUuid) === 1)
  life.machines.endItself(testUuid, 'poweroff')
  t.match(await reports, [
    { guest: { name: 'web1' }, outcome: 'off' },
    { guest: { name: 'web2' }, outcome: 'suspended' },
    { guest: { name: 'web3' }, outcome: 'ignored' },
  ])
  t.ok(life.phases.includes('stopping web1 host-shutdown'))
})

test('takeAllDown() is over in time: whoever does not go is killed before', async (t) => {
  const life = new TestLife(t)
  await life.define({ stop: { agent: '60s', acpi: '60s', kill: '10s' } })
  await life.define({ ...other, on_host_shutdown: 'suspend' })
  const managed = await life.daemon()
  for (const name of ['web1', 'web2']) await managed.act(name, start(life))
  life.vetoed = 'before-hibernation'
  const reports = gathered(managed.takeAllDown('onHostShutdown', { signal, timeoutMs: 40_000 }))
  const isPressed = (uuid: string): boolean => life.machines.pressCount(uuid) === 1
  await life.until(() => isPressed(testUuid) && isPressed(otherUuid))
  await life.clock.advance(30_000)
  t.match(await reports, [
    { guest: { name: 'web1' }, outcome: 'off', durationMs: 30_000 },
    { guest: { name: 'web2' }, outcome: 'off', reason: /has said no$/, durationMs: 30_000 },
  ])
})

test('close() does what definitions say of the stop of the daemon, and leaves the others alone', async (t) => {
  const life = new TestLife(t)
  await life.define({ on_daemon_start: 'start', on_daemon_stop: 'suspend' })
  await life.define({ ...other, on_daemon_start: 'start' })
  const managed = await life.daemon()
  for (const uuid of [testUuid, otherUuid]) await life.untilState(uuid, 'running')
  await managed.close()
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'suspended' })
  t.match(await life.machines.state({ uuid: otherUuid, signal }), { state: 'running' })
  await life.daemon()
  await life.untilState(testUuid, 'running')
})

test('close() of a daemon that could not start touches no guest: another one may be looking after them', async (t) => {
  const life = new TestLife(t)
  await life.define({ on_daemon_start: 'start', on_daemon_stop: 'suspend' })
  await life.daemon()
  await life.untilState(testUuid, 'running')
  await new ManagedGuests(life.tools).close()
  t.match(await life.machines.state({ uuid: testUuid, signal }), { state: 'running' })
})
