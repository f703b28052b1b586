import { test } from 'tap'
import { testMachine } from '../test-machine.js'
import { readAddresses, readMachineInterfaces } from './machine-interfaces.js'

const { signal } = new AbortController()
const card = (name: string, more: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries({ address: '52:54:00:00:00:0A\n', type: '1\n', ...more }).map(([file, text]) => [
      `/sys/class/net/${name}/${file}`,
      text,
    ]),
  )

test('readMachineInterfaces() leaves out what has the MAC address of another: bridges, bonds, VLANs', async (t) => {
  const machine = testMachine(t, {
    files: {
      ...card('eth0', { device: '-> ../../../pci', master: '-> ../../virtual/net/br0' }),
      ...card('br0'),
      ...card('lo', { type: '772\n' }),
      '/sys/class/net/bonding_masters': '',
    },
  })
  t.same(await readMachineInterfaces(machine), [{ name: 'eth0', mac: '52:54:00:00:00:0a', master: 'br0' }])
})

test('readMachineInterfaces() takes those without a device where there are no others, and none from nothing', async (t) => {
  t.match(await readMachineInterfaces(testMachine(t, { files: card('eth0') })), [
    { name: 'eth0', master: undefined },
  ])
  t.same(await readMachineInterfaces(testMachine(t)), [])
})

const address = { address: '', netmask: '', mac: '', internal: false }

test('readAddresses() asks ip, or where there is none Node', async (t) => {
  const cidrs = ['192.0.2.42/24', '2001:db8::42/64']
  const networkInterfaces = () => ({
    eth0: [
      { ...address, family: 'IPv4' as const, cidr: '192.0.2.42/24' },
      { ...address, family: 'IPv6' as const, scopeid: 0, cidr: '2001:DB8:0::42/64' },
    ],
  })
  t.same([...(await readAddresses(testMachine(t, { networkInterfaces }), { name: 'eth0', signal }))], cidrs)
  t.same([...(await readAddresses(testMachine(t), { name: 'eth0', signal }))], [])
})

test('readAddresses() leaves out an address that somebody else has, and takes a refusal for none', async (t) => {
  const words = 'ip -json address show dev eth0'
  const told =
    '[{},{"ifname":"eth0","addr_info":[{"local":"192.0.2.42","prefixlen":24},{"local":"2001:db8::42","prefixlen":64,"dadfailed":true}]}]'
  const read = async (tool: string | object) => [
    ...(await readAddresses(testMachine(t, { tools: { [words]: tool } }), { name: 'eth0', signal })),
  ]
  t.same(await read(told), ['192.0.2.42/24'])
  t.same(await read('no JSON'), [])
  t.same(await read({ exitCode: 1 }), [])
})
