import { readNetworkRequest } from '@negotiator/common/system'
import { test } from 'tap'
import { planNetwork } from './plan.js'

const [first, second] = ['bc:76:4e:08:db:a9', 'bc:76:4e:08:db:aa']
const interfaces = [
  { name: 'eth0', mac: first, master: undefined },
  { name: 'eth1', mac: second, master: undefined },
  { name: 'eth2', mac: 'bc:76:4e:08:db:ab', master: 'bond0' },
]
const address = { ip: '192.0.2.42', netmask: '255.255.255.0' }
const address6 = { ip: '2001:db8::42', netmask: 64 }

const planOf = (...records: readonly unknown[]) =>
  planNetwork({ request: readNetworkRequest(JSON.stringify(records)), interfaces })

test('planNetwork() matches by MAC address, whatever the label says', async (t) => {
  const { interfaces } = planOf({ mac: second, label: 'eth0', ips: [address] })
  t.match(interfaces, [
    { name: 'eth1', label: 'eth0', addresses: [{ address: '192.0.2.42', prefixLength: 24 }] },
  ])
})

test('planNetwork() prefers the gateway beside an address to the one of the record', async (t) => {
  const { interfaces } = planOf({
    mac: first,
    gateway: '192.0.2.1',
    gateway6: 'fe80::1',
    ips: [{ ...address, gateway: '192.0.2.2' }],
    ip6s: [address6],
  })
  t.match(interfaces, [{ gateways: [{ address: '192.0.2.2' }, { address: 'fe80::1', isOnLink: false }] }])
})

test('planNetwork() takes the default route among the routes for the gateway that it repeats', async (t) => {
  const routes = [{ route: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.0.2.1' }]
  t.match(planOf({ mac: first, gateway: '192.0.2.1', ips: [address], routes }).interfaces, [
    { gateways: [{ address: '192.0.2.1' }], routes: [] },
  ])
  t.match(planOf({ mac: first, ips: [address], routes }).interfaces, [
    { gateways: [{ address: '192.0.2.1' }] },
  ])
})

test('planNetwork() leaves a gateway out that has no address of its kind beside it', async (t) => {
  t.same(planOf({ mac: first, gateway_v6: 'fe80::1', ips: [address] }).interfaces[0]?.gateways, [])
})

for (const [what, records, sentence] of [
  [
    'a MAC address that this machine does not have',
    [{ mac: '02:00:00:00:00:01', ips: [address] }],
    'no interface of this machine has the MAC address 02:00:00:00:00:01; it has eth0 (bc:76:4e:08:db:a9), eth1 (bc:76:4e:08:db:aa), eth2 (bc:76:4e:08:db:ab)',
  ],
  ['no address', [{ mac: first }], `the record of ${first} has no address that is enabled`],
  [
    'addresses that are all switched off',
    [{ mac: first, ips: [{ ...address, enabled: '0' }] }],
    `the record of ${first} has no address that is enabled`,
  ],
  [
    'an address twice',
    [{ mac: first, ips: [address, address] }],
    `the record of ${first} has 192.0.2.42 twice`,
  ],
  [
    'more than one default route of an interface',
    [
      {
        mac: first,
        gateway: '192.0.2.1',
        ips: [address],
        routes: [{ route: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.0.2.2' }],
      },
    ],
    `the record of ${first} has more than one IPv4 default route: 192.0.2.1, 192.0.2.2`,
  ],
  [
    'more than one interface with a default route, and a MAC address twice',
    [
      { mac: first, gateway6: 'fe80::1', ip6s: [address6] },
      { mac: first, gateway6: 'fe80::1', ip6s: [address6] },
    ],
    `there is more than one record of ${first}; more than one interface has an IPv6 default route (${first}, ${first}); leave the gateway out of all but one`,
  ],
  [
    'a part of a bond',
    [{ mac: 'bc:76:4e:08:db:ab', ips: [address] }],
    'eth2 is a part of bond0, which has the addresses; apply-network knows plain interfaces only',
  ],
] as const)
  test(`planNetwork() refuses ${what}`, async (t) => {
    t.throws(() => planOf(...records), { message: `Cannot apply the network: ${sentence}`, exitCode: 64 })
  })

test('planNetwork() tells all that cannot be done at once', async (t) => {
  t.throws(() => planOf({ mac: '02:00:00:00:00:01', ips: [address] }, { mac: second }), {
    message: /02:00:00:00:00:01;.*; the record of bc:76:4e:08:db:aa has no address/,
  })
})

test('planNetwork() refuses two interfaces of one MAC address', async (t) => {
  const twins = ['eth0', 'eth1'].map((name) => ({ name, mac: first, master: undefined }))
  const request = readNetworkRequest(JSON.stringify([{ mac: first, ips: [address] }]))
  t.throws(() => planNetwork({ request, interfaces: twins }), {
    message: /several interfaces have the MAC address/,
  })
  t.throws(() => planNetwork({ request, interfaces: [] }), { message: /; it has none$/ })
})
