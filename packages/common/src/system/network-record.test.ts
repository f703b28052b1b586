import { test } from 'tap'
import { readNetworkRequest } from './network-record.js'

/** As the host of the agents before writes it, byte for byte. */
const written =
  '{"label":"public","mac":"BC:76:4E:08:DB:A9","gateway":"192.0.2.1","broadcast":"192.0.2.255",' +
  '"ips":[{"ip":"192.0.2.42","enabled":"1","netmask":"255.255.255.0","gateway":"192.0.2.1"}],' +
  '"gateway_v6":"fe80::1","ip6s":[{"ip":"2001:db8::42","enabled":"1","netmask":64,"gateway":"fe80::1"}],' +
  '"routes":[{"route":"10.0.0.0","netmask":"255.0.0.0","gateway":"192.0.2.254"}],"dns":["192.0.2.53"]}'

const mac = 'bc:76:4e:08:db:a9'
const read = (...networks: readonly unknown[]) => readNetworkRequest(JSON.stringify(networks)).networks

test('readNetworkRequest() reads what hosts write', async (t) => {
  t.strictSame(readNetworkRequest(`[${written}]`), {
    networks: [
      {
        label: 'public',
        mac,
        gateway: '192.0.2.1',
        gateway6: 'fe80::1',
        ips: [{ address: '192.0.2.42', prefixLength: 24, gateway: '192.0.2.1', isEnabled: true }],
        ip6s: [{ address: '2001:db8::42', prefixLength: 64, gateway: 'fe80::1', isEnabled: true }],
        routes: [{ destination: '10.0.0.0', prefixLength: 8, gateway: '192.0.2.254' }],
        dns: ['192.0.2.53'],
      },
    ],
  })
})

test('readNetworkRequest() takes both spellings of the gateway, which one agent read and its host did not write', async (t) => {
  t.match(read({ mac, gateway_v6: 'fe80::1' }), [{ gateway6: 'fe80::1' }])
  t.match(read({ mac, gateway6: 'fe80::2' }), [{ gateway6: 'fe80::2' }])
})

test('readNetworkRequest() takes every way of writing the same', async (t) => {
  const ip6s = [
    { ip: '2001:DB8:0::42', netmask: '64', enabled: 1 },
    { address: '2001:db8::43', netmask: 64, enabled: '0' },
    { ip: '2001:db8::44', netmask: 0, enabled: false },
    { ip: null, address: '::ffff:192.0.2.1', netmask: 128, gateway: '' },
  ]
  t.match(read({ mac: 'BC764E08DBA9', label: null, ip6s, gateway: null }), [
    {
      mac,
      label: undefined,
      ip6s: [
        { address: '2001:db8::42', prefixLength: 64, isEnabled: true },
        { address: '2001:db8::43', isEnabled: false },
        { address: '2001:db8::44', prefixLength: 0, isEnabled: false },
        { address: '::ffff:c000:201', prefixLength: 128, gateway: undefined, isEnabled: true },
      ],
    },
  ])
  t.match(read({ mac: 'bc-76-4e-08-db-a9', ips: [{ ip: '192.0.2.1', netmask: 24 }] }), [
    { mac, ips: [{ prefixLength: 24 }], ip6s: [], routes: [], dns: [] },
  ])
  t.match(readNetworkRequest(JSON.stringify({ hostName: 'web-1.example.org', networks: [{ mac }] })), {
    hostName: 'web-1.example.org',
  })
})

test('readNetworkRequest() tells all that is wrong at once, each with its place', async (t) => {
  const records = [
    {
      mac: 'BC:76:4E:08:DB',
      gateway: '192.0.2.256',
      gateway_v6: 'fe80::1%eth0',
      ips: [{ ip: '192.0.2.42', netmask: '255.0.255.0', enabled: 'maybe' }, 7],
      ip6s: [{ netmask: 129 }, { netmask: 64 }],
      routes: [
        { route: '10.0.0.1', netmask: '255.0.0.0', gateway: 'fe80::1' },
        { route: '2001:db8::1', netmask: '32', gateway: 'fe80::1' },
        { route: '10.0.0.0', gateway: '192.0.2.1' },
      ],
      dns: 'none',
    },
  ]
  t.throws(() => read(...records), {
    message: [
      'Cannot read the network\'s records: networks[0].mac: wanted a MAC address such as "bc:76:4e:08:db:a9", got "BC:76:4E:08:DB"',
      'networks[0].gateway: wanted an IPv4 address, got "192.0.2.256"',
      'networks[0].gateway_v6: wanted an IPv6 address, got "fe80::1%eth0"',
      'networks[0].ips[0].netmask: wanted a netmask such as "255.255.255.0", got "255.0.255.0"',
      'networks[0].ips[0].enabled: wanted "0" or "1", got "maybe"',
      'networks[0].ips[1]: wanted an object, got 7',
      'networks[0].ip6s[0].netmask: wanted a prefix length from 0 to 128, got 129',
      'networks[0].ip6s[1]: wanted "ip" or "address", got neither',
      "networks[0].routes[0].route: wanted a network, and 10.0.0.1 has bits beyond its netmask's 8",
      'networks[0].routes[0].gateway: wanted an address of the kind of 10.0.0.1, got "fe80::1"',
      "networks[0].routes[1].route: wanted a network, and 2001:db8::1 has bits beyond its netmask's 32",
      'networks[0].routes[2].netmask: wanted a netmask, got nothing',
      'networks[0].dns: wanted a list, got "none"',
    ].join('; '),
  })
})

for (const [text, reason] of [
  ['\0{"mac"', 'what came is no JSON'],
  ['""', 'wanted a list of records, got ""'],
  ['{"networks":{}}', 'networks: wanted a list of records, got {}'],
  ['[]', 'networks: wanted one record at least, got none'],
  ['[{}]', 'networks[0].mac: wanted a MAC address such as "bc:76:4e:08:db:a9", got nothing'],
  [
    '{"hostName":"a b","networks":[]}',
    'hostName: wanted a host name of letters, digits, "-" and ".", got "a b"',
  ],
] as const)
  test(`readNetworkRequest() refuses ${JSON.stringify(text)}`, async (t) => {
    t.throws(() => readNetworkRequest(text), {
      code: 'bad-record',
      message: new RegExp(
        `^Cannot read the network's records: ${reason.replace(/[.[\]{}()|*+?^$\\]/g, '\\$&')}`,
      ),
    })
  })
