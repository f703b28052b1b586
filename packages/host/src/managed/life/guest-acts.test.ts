import { test } from 'tap'
import { testUuid } from '../test-definition.js'
import { resumeGuest, suspendGuest } from './guest-acts.js'
import type { GuestRunner } from './guest-runner.js'
import type { CameOut } from './report.js'
import { TestLife } from './test-life.js'

const { signal } = new AbortController()

test('a guest that the hooks do not want is not started, and who said no is told', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  life.vetoed = 'starting'
  t.match(await managed.act('web1', life.start()), {
    guest: { name: 'web1', uuid: testUuid },
    outcome: 'failed',
    reason: 'Cannot start "web1": the hook "20-no" of "starting" has said no',
  })
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'off' })
})

test('a guest that nobody will find is started, and that is told', async (t) => {
  const life = new TestLife(t)
  await life.define({ driver: 'fake' })
  const managed = await life.daemon()
  t.match(await managed.act('web1', life.start()), {
    outcome: 'running',
    reason:
      'it cannot be called, for the daemon does not look for guests of its driver; add "fake" to "drivers" in the configuration',
  })
})

test('a guest that runs is not started twice', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  t.match(await managed.act('web1', life.start()), { outcome: 'running', reason: undefined })
  t.match(await managed.act(testUuid, life.start()), {
    outcome: 'running',
    reason: 'it was running already',
  })
  await t.rejects(managed.act('web3', life.start()), {
    code: 'no-such-guest',
    message: /^Cannot find the managed guest "web3": none has this name or uuid; did you mean "web1"\?$/,
  })
})

test('a stop asks the agent, then presses the button, then kills, each in its time', async (t) => {
  const life = new TestLife(t)
  await life.define({ stop: { agent: '30s', acpi: '20s', kill: '5s' } })
  const managed = await life.daemon()
  await managed.act('web1', life.start())
  life.answer = async () => await Promise.resolve({ kind: 'done' })
  const stopping = managed.act('web1', life.stop())
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
  await managed.act('web1', life.start())
  const stopping = managed.act('web1', life.stop())
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
  await managed.act('web1', life.start())
  const stopping = managed.act('web1', life.stop({ mode: 'acpi' }))
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
  await managed.act('web1', life.start())
  t.match(await managed.act('web1', life.stop()), {
    outcome: 'failed',
    reason:
      'Cannot stop "web1": it still runs (agent: its definition says "skip"; acpi: its definition says "skip"; kill: its definition says "skip")',
  })
  t.match(await managed.act('web1', life.stop({ mode: 'kill' })), { outcome: 'off' })
})

test('a kill takes the place of a stop that takes long', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', life.start())
  const patient = managed.act('web1', life.stop())
  await life.until(() => life.machines.pressCount(testUuid) === 1)
  t.match(await managed.act('web1', life.stop({ mode: 'kill' })), { outcome: 'off' })
  t.match(await patient, { outcome: 'failed', reason: 'It was broken off by a kill of the guest' })
})

test('a suspended guest goes on, is not stopped, and may be thrown away', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', life.start())
  life.answer = async () => await Promise.resolve({ kind: 'done' })
  const { tools } = life
  const suspend = async (runner: GuestRunner): Promise<CameOut> =>
    await suspendGuest({ runner, tools, signal })
  const resume = async (runner: GuestRunner): Promise<CameOut> => await resumeGuest({ runner, tools, signal })
  t.match(await managed.act('web1', suspend), { outcome: 'suspended' })
  t.match(await managed.act('web1', suspend), { outcome: 'suspended', reason: 'it was suspended already' })
  t.match(await managed.act('web1', life.stop()), {
    outcome: 'failed',
    reason: 'Cannot stop "web1": it is suspended; resume it, or use --mode kill to throw its memory away',
  })
  t.match(await managed.act('web1', resume), { outcome: 'running' })
  await life.until(() => life.asked.length === 2)
  t.same(life.asked, ['lifecycle before-hibernation', 'lifecycle after-hibernation'])
  t.same(life.phases, ['starting web1 asked', 'before-hibernation web1', 'after-hibernation web1'])
  await managed.act('web1', suspend)
  t.match(await managed.act('web1', life.stop({ mode: 'kill' })), { outcome: 'off' })
  t.match(await managed.act('web1', suspend), {
    outcome: 'failed',
    reason: 'Cannot suspend the machine "web1": it is off',
  })
})

test('a guest may say no to being suspended; whoever was asked is told that it goes on', async (t) => {
  const life = new TestLife(t)
  await life.define()
  const managed = await life.daemon()
  await managed.act('web1', life.start())
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
