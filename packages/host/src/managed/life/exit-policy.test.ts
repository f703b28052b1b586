import { test } from 'tap'
import { testUuid } from '../test-definition.js'
import { TestLife } from './test-life.js'

const { signal } = new AbortController()

const running = { on_daemon_start: 'start' }

/** How often the guest was started, as the hooks were told. */
function startCount({ phases }: TestLife): number {
  return phases.filter((phase) => phase.startsWith('starting ')).length
}

test('a guest that powers off is let go, and another daemon of the same boot leaves it off', async (t) => {
  const life = new TestLife(t)
  await life.define(running)
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.machines.endItself(testUuid, 'poweroff')
  await life.untilState(testUuid, 'off')
  await life.until(async () => (await life.records.read(testUuid)).offInBoot === 'boot-1')
  await managed.close()
  await (await life.daemon()).close()
  t.equal(startCount(life), 1)
})

test('a guest that crashes is restarted, each time after twice the wait, and left off in the end', async (t) => {
  const life = new TestLife(t)
  const restart = { first_wait: '1s', longest_wait: '3s', reset_after: '10m', restarts_max: 3 }
  await life.define({ ...running, restart })
  const managed = await life.daemon()
  for (const [index, waitMs] of [1_000, 2_000, 3_000].entries()) {
    await life.untilState(testUuid, 'running')
    life.machines.endItself(testUuid, 'crash')
    await life.until(() => managed.status()[0]?.doing === 'wait-for-restart')
    await life.clock.advance(waitMs - 1)
    t.equal(managed.status()[0]?.doing, 'wait-for-restart')
    await life.clock.advance(1)
    await life.until(() => startCount(life) === index + 2)
  }
  await life.untilState(testUuid, 'running')
  life.machines.endItself(testUuid, 'crash')
  await life.untilState(testUuid, 'off')
  t.equal(life.phases.filter((phase) => phase === 'crashed web1 restart').length, 4)
})

test('a guest that ran for long begins with the first wait again', async (t) => {
  const life = new TestLife(t)
  await life.define({ ...running, restart: { first_wait: '1s', reset_after: '10m', restarts_max: 1 } })
  const managed = await life.daemon()
  for (const count of [2, 3]) {
    await life.untilState(testUuid, 'running')
    await life.until(async () => (await life.records.read(testUuid)).startedMs !== undefined)
    await life.clock.advance(600_000)
    life.machines.endItself(testUuid, 'crash')
    await life.until(() => managed.status()[0]?.doing === 'wait-for-restart')
    await life.clock.advance(1_000)
    await life.until(() => startCount(life) === count)
  }
  t.equal(startCount(life), 3)
})

test('a guest whose start fails again and again is left off', async (t) => {
  const life = new TestLife(t)
  await life.define({ ...running, restart: { first_wait: '1s', restarts_max: 2 } })
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.vetoed = 'starting'
  life.machines.endItself(testUuid, 'crash')
  for (const waitMs of [1_000, 2_000]) {
    await life.until(() => managed.status()[0]?.doing === 'wait-for-restart')
    await life.clock.advance(waitMs)
  }
  await life.until(() => startCount(life) === 3)
  await life.until(async () => (await life.records.read(testUuid)).offInBoot === 'boot-1')
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'off' })
})

test('a guest that shall be preserved is kept as it ended, for another daemon, too', async (t) => {
  const life = new TestLife(t)
  await life.define({ ...running, on_crash: 'preserve' })
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.machines.endItself(testUuid, 'crash')
  await life.until(() => life.phases.includes('crashed web1 preserve'))
  await managed.close()
  await (await life.daemon()).close()
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'ended', end: 'crash' })
  t.equal(startCount(life), 1)
})

test('a guest that is preserved stays when the host goes down, and is let go when it is started', async (t) => {
  const life = new TestLife(t)
  await life.define({ ...running, on_crash: 'preserve' })
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.machines.endItself(testUuid, 'crash')
  await life.until(() => life.phases.includes('crashed web1 preserve'))
  for await (const report of managed.takeAllDown('onHostShutdown', { signal }))
    t.match(report, { outcome: 'ignored', reason: 'it has ended, and is kept' })
  t.match(await managed.act('web1', life.start()), { outcome: 'running' })
  t.match(await life.machines.state({ uuid: testUuid, signal }), { state: 'running' })
})

test('an end is dealt with once, whatever was done to the guest before', async (t) => {
  const life = new TestLife(t)
  await life.define({ ...running, on_crash: 'preserve' })
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  for (let turn = 0; turn < 3; turn += 1) await managed.act('web1', life.start())
  life.machines.endItself(testUuid, 'crash')
  await life.until(() => life.phases.includes('crashed web1 preserve'))
  await managed.close()
  t.equal(life.phases.filter((phase) => phase.startsWith('crashed')).length, 1)
})

test('rename-restart keeps what has ended under another name, and restarts the guest under its own', async (t) => {
  const life = new TestLife(t)
  await life.define({ ...running, on_crash: 'rename-restart', disks: [{ path: '/images/web1' }] })
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.machines.endItself(testUuid, 'crash')
  await life.until(() => managed.status()[0]?.doing === 'wait-for-restart')
  await life.clock.advance(1_000)
  await life.until(() => startCount(life) === 2)
  await life.untilState(testUuid, 'running')
  const { guests } = await life.store.read()
  t.match(
    guests.map(({ values }) => values),
    [
      { name: 'web1', uuid: testUuid, on_crash: 'rename-restart' },
      {
        name: 'web1-20231114-221321',
        on_crash: 'preserve',
        on_daemon_start: 'ignore',
        disks: [{ path: '/images/web1', read_only: true }],
      },
    ],
  )
  const kept = guests[1]?.values.uuid ?? ''
  t.match(await life.records.read(kept), { keptFrom: { uuid: testUuid, end: 'crash' } })
})

test('a guest that crashes while it is asked to stop, and is not stopped, is restarted', async (t) => {
  const life = new TestLife(t)
  await life.define(running)
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.answer = async () => {
    life.machines.endItself(testUuid, 'crash')
    return await Promise.resolve({ kind: 'refused', reason: 'it was ended by SIGKILL' })
  }
  t.match(await managed.act('web1', life.stop({ mode: 'agent' })), { outcome: 'failed' })
  await life.until(() => managed.status()[0]?.doing === 'wait-for-restart')
  await life.clock.advance(1_000)
  await life.until(() => startCount(life) === 2)
})

test('a guest that was stopped while it waited for its restart stays off', async (t) => {
  const life = new TestLife(t)
  await life.define(running)
  const managed = await life.daemon()
  await life.untilState(testUuid, 'running')
  life.machines.endItself(testUuid, 'crash')
  await life.until(() => managed.status()[0]?.doing === 'wait-for-restart')
  t.match(await managed.act('web1', life.stop()), { outcome: 'off' })
  await life.clock.advance(60_000)
  t.equal(startCount(life), 1)
  t.equal(life.clock.timerCount, 0)
})

test('what ended while no daemon was there is dealt with by the next one', async (t) => {
  const life = new TestLife(t)
  await life.define(running)
  const first = await life.daemon()
  await life.untilState(testUuid, 'running')
  await first.close()
  life.machines.endItself(testUuid, 'crash')
  const second = await life.daemon()
  await life.until(() => second.status()[0]?.doing === 'wait-for-restart')
  await life.clock.advance(1_000)
  await life.untilState(testUuid, 'running')
  t.equal(startCount(life), 2)
})
