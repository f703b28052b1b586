import { test } from 'tap'
import { networkManager } from './networkmanager.js'

const plan = {
  hostName: undefined,
  interfaces: ['eth0', 'eth1'].map((name, at) => ({
    name,
    mac: `bc:76:4e:08:db:a${at}`,
    label: undefined,
    addresses: [{ address: '192.0.2.42', prefixLength: 24 }],
    gateways: [],
    routes: [],
    dns: [],
  })),
}

test('networkManager.undo() makes the profiles active that were', async (t) => {
  const observed = 'eth10:11111111-1111-1111-1111-111111111111\neth1:22222222-2222-2222-2222-222222222222\n'
  t.same(networkManager.undo?.({ plan, observed }), [
    [
      'nmcli',
      '--wait',
      '30',
      'connection',
      'up',
      'uuid',
      '22222222-2222-2222-2222-222222222222',
      'ifname',
      'eth1',
    ],
  ])
})

test('networkManager.render() keeps its files from others, and an interface its own UUID', async (t) => {
  const files = networkManager.render({ plan, existing: new Map() })
  t.same(
    files.map(({ mode }) => mode),
    [0o600, 0o600],
  )
  const uuids = files.map(
    ({ content }) =>
      /^uuid=([0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/m.exec(content)?.[1],
  )
  t.equal(new Set(uuids).size, 2)
  t.notOk(uuids.includes(undefined))
  t.same(networkManager.render({ plan, existing: new Map() }), files)
})
