import { test } from 'tap'
import { pairedChannels } from '../../channel/paired-channels.js'
import { FakeClock } from '../../fake-clock.js'
import { silentLog } from '../../log.js'
import { LegacyServer } from '../legacy-server.js'
import { LinesExchange } from '../lines/lines-exchange.js'
import type { Dialect } from '../dialect.js'
import { keepOvirtDialect } from './ovirt-dialect.js'
import { LineEnd } from './test-guest.js'

function connect(dialect: Dialect): LineEnd {
  const { left, right } = pairedChannels()
  const exchange = new LinesExchange({ channel: right, lineEnd: '\n', atOnceMax: 1 })
  new LegacyServer({ exchange, dialect, serve: () => undefined, outputBytesMax: 0 })
  return new LineEnd(left)
}

const clock = new FakeClock()

test('keepOvirtDialect() keeps what outlives an exchange: a guest begins once', async (t) => {
  const open = keepOvirtDialect()
  const surroundings = { options: { 'heartbeat-seconds': 2 }, side: 'guest', clock, log: silentLog } as const
  const first = open(surroundings)
  const host = connect(first)
  t.same(await host.names(), ['session-startup'])
  await clock.advance(2_000)
  t.same(await host.names(), ['heartbeat'], 'as often as was chosen')
  first.close?.()
  const second = open(surroundings)
  t.same(await connect(second).names(), [])
  second.close?.()
})

test('keepOvirtDialect() on a host keeps what a guest told, and tells it in its status', async (t) => {
  const open = keepOvirtDialect()
  const surroundings = { options: {}, side: 'host', guest: 'web-1', clock, log: silentLog } as const
  const first = open(surroundings)
  await connect(first).say({ __name__: 'host-name', name: 'vm1' })
  first.close?.()
  t.match(open(surroundings).status?.(), { guest: 'web-1', isConnected: false, told: { hostName: 'vm1' } })
})

test('keepOvirtDialect() says which option is wrong', async (t) => {
  const on =
    (side: 'host' | 'guest', options: Readonly<Record<string, unknown>>): (() => Dialect) =>
    () =>
      keepOvirtDialect()({ options, side, clock, log: silentLog })
  const wanted =
    'wanted heartbeat-seconds, user-seconds, cpus-seconds, inventory-seconds, disks-seconds, changes-seconds, ' +
    'applications, ignored-interfaces, ignored-file-systems, all of them on a guest'
  t.throws(on('guest', { heartbeat: 5 }), {
    message: `Cannot mount the dialect "ovirt": option "heartbeat": there is none; ${wanted}`,
  })
  t.throws(on('host', { 'heartbeat-seconds': 5 }), {
    message: `Cannot mount the dialect "ovirt": option "heartbeat-seconds": there is none; ${wanted}`,
  })
  for (const options of [{ 'user-seconds': 0 }, { 'user-seconds': '5' }])
    t.throws(on('guest', options), {
      message:
        'Cannot mount the dialect "ovirt": option "user-seconds": wanted seconds from 1 to 86400, or a list of names',
    })
})
