import { test } from 'tap'
import { settle } from '../../fake-clock.js'
import { LegacyServer } from '../legacy-server.js'
import { LinesExchange } from '../lines/lines-exchange.js'
import { OvirtLink } from './ovirt-link.js'
import type { OvirtChange } from './ovirt-link.js'
import { mount, TestGuest } from './test-guest.js'
import { ask } from './verbs.js'

interface Pair {
  readonly stage: TestGuest
  readonly link: OvirtLink
  readonly changes: OvirtChange[]
  /** Connects the two, again after an unplugging. */
  readonly plug: () => Promise<void>
}

/** Both halves, each with the other for a peer. */
function setPair(): Pair {
  const stage = new TestGuest()
  const link = new OvirtLink({ guest: 'vm1', clock: stage.clock, log: stage.log })
  const changes: OvirtChange[] = []
  link.subscribe((change) => changes.push(change))
  const plug = async (): Promise<void> => {
    const exchange = new LinesExchange({ channel: stage.plug(), lineEnd: '\n', atOnceMax: 1 })
    const dialect = link.open()
    new LegacyServer({ exchange, dialect, serve: () => undefined, outputBytesMax: 0 })
    void exchange.ended.then(() => dialect.close?.())
    await settle()
  }
  return { stage, link, changes, plug }
}

test('two halves agree on version 3 within two heartbeats, and the host knows all then', async (t) => {
  const { stage, link, changes, plug } = setPair()
  await plug()
  t.ok(changes.some((change) => change.kind === 'event' && change.name === 'session-startup'))
  t.match(link.snapshot(), { isResponsive: true, isUp: false, apiVersion: 0, told: { hostName: 'vm1' } })
  await stage.clock.advance(5_000)
  t.match(link.snapshot(), { isUp: true, apiVersion: 0 })
  await stage.clock.advance(5_000)
  t.equal(link.snapshot().apiVersion, 3)
  t.same(JSON.parse(JSON.stringify(link.snapshot().told)), {
    hostName: 'vm1',
    fqdn: 'vm1.example.org',
    osVersion: '6.1.0-13-amd64',
    system: {
      ...{ type: 'linux', distribution: 'Debian GNU/Linux', version: '12', codename: 'bookworm' },
      ...{ kernel: '6.1.0-13-amd64', architecture: 'x86_64' },
    },
    timezone: { zone: 'Etc/UTC', offsetMinutes: 0 },
    interfaces: [{ name: 'eth0', mac: '00:1a:4a:23:10:00', ipv4: ['10.0.0.2'], ipv6: ['fe80::1'] }],
    applications: ['kernel-2.6.32-131.4.1.el6'],
    containers: [
      { id: 'c0ffee', names: ['/web'], image: 'nginx', command: 'nginx -g', status: 'Up 2 hours' },
    ],
    activeUser: null,
    disks: [{ path: '/', fileSystem: 'overlay', totalBytes: 12638248960, usedBytes: 4096 }],
    diskMapping: { SERIAL: '/dev/vda' },
    cpuCount: 2,
    memory: {
      ...{ totalBytes: 25276502016, freeBytes: 24393003008, unusedBytes: 24249249792 },
      ...{ buffersBytes: 5595136, cachedBytes: 138158080, swapTotalBytes: 0, swapUsedBytes: 0 },
      ...{ swapInPagesPerSecond: 0, swapOutPagesPerSecond: 0 },
      ...{ pageFaultsPerSecond: 0, majorPageFaultsPerSecond: 0 },
    },
  })
  t.equal(link.snapshot().refusedCount, 0)
  await stage.unplug()
})

test('what changes in a guest is soon a change at its host', async (t) => {
  const { stage, link, changes, plug } = setPair()
  await plug()
  await stage.clock.advance(10_000)
  changes.length = 0
  stage.answers.set('disks-usage', { json: { fileSystems: [mount(1), { ...mount(1), path: '/data' }] } })
  await stage.clock.advance(30_000)
  t.same(changes.filter((change) => change.kind === 'changed' && change.names.includes('disks')).length, 1)
  t.same(
    link.snapshot().told.disks?.map(({ path }) => path),
    ['/', '/data'],
  )
  await stage.unplug()
})

test('verbs are done, and failures come back in words', async (t) => {
  const { stage, link, plug } = setPair()
  await plug()
  await stage.clock.advance(10_000)
  stage.called.length = 0
  t.same(await ask(link, { verb: 'echo' }), { kind: 'done' })
  t.same(await ask(link, { verb: 'refresh' }), { kind: 'done' })
  stage.called.length = 0
  t.same(await ask(link, { verb: 'reboot', delaySeconds: 5, message: 'bye' }), { kind: 'done' })
  t.same(await ask(link, { verb: 'suspend' }), { kind: 'done' })
  t.same(await ask(link, { verb: 'hibernate' }), { kind: 'done' })
  t.same(await ask(link, { verb: 'lifecycle', event: 'before_migration' }), { kind: 'done' })
  t.same(stage.called, [
    ['power', 'reboot', '--delay', '5', '--message', 'bye'],
    ['power', 'suspend'],
    ['power', 'hibernate'],
    ['ovirt-lifecycle', 'before_migration'],
  ])
  stage.answers.set('session', { result: { kind: 'denied', reason: 'no rule allows it' } })
  t.same(await ask(link, { verb: 'log-off' }), {
    kind: 'failed',
    reason: 'Cannot ask guest "vm1" for "log-off": its agent says: Cannot do "session": no rule allows it',
  })
  await stage.unplug()
})

test('a connection that breaks is made again, and both begin anew', async (t) => {
  const { stage, link, changes, plug } = setPair()
  await plug()
  await stage.clock.advance(10_000)
  t.equal(link.snapshot().apiVersion, 3)
  await stage.unplug()
  t.match(link.snapshot(), { isConnected: false, isResponsive: false, told: { hostName: 'vm1' } })
  changes.length = 0
  stage.answers.set('host-name', { json: { name: 'vm9', fqdn: null } })
  await plug()
  t.match(link.snapshot(), { isConnected: true, apiVersion: 0, told: { hostName: 'vm9', fqdn: 'vm9' } })
  t.notOk(
    changes.some(({ kind }) => kind === 'event'),
    'the guest has not begun again',
  )
  await stage.clock.advance(10_000)
  t.equal(link.snapshot().apiVersion, 3)
  await stage.unplug()
})
