import { test } from 'tap'
import { otherUuid, testUuid } from '../test-definition.js'
import { ManagedGuests } from './managed-guests.js'
import type { GuestReport } from './report.js'
import { TestLife } from './test-life.js'

const { signal } = new AbortController()

/** Two guests: each has a name and a uuid of its own. */
const other = { uuid: otherUuid, name: 'web2' }

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
  await first.act('web1', life.stop({ mode: 'kill' }))
  await first.close()
  await life.machines.kill({ uuid: otherUuid, signal, graceMs: 0 })
  await life.daemon()
  await life.untilState(otherUuid, 'running')
  t.same(await life.machines.state({ uuid: testUuid, signal }), { state: 'off' })
  life.bootId = 'boot-2'
  await life.daemon()
  await life.untilState(testUuid, 'running')
})

test('takeAllDown() does what each definition says, at the same time', async (t) => {
  const life = new TestLife(t)
  const third = '9b1f0f3a-0000-4000-8000-000000000003'
  await life.define({ on_host_shutdown: 'shutdown' })
  await life.define({ ...other, on_host_shutdown: 'suspend' })
  await life.define({ uuid: third, name: 'web3', on_host_shutdown: 'ignore' })
  const managed = await life.daemon()
  for (const name of ['web1', 'web2', 'web3']) await managed.act(name, life.start())
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
  for (const name of ['web1', 'web2']) await managed.act(name, life.start())
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
