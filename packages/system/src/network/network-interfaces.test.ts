import { networkInterfacesSchema } from '@negotiator/common/system'
import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import type { TestMachineParts } from '../test-machine.js'
import { debian12 } from '../test-systems.js'
import { command } from './network-interfaces.js'

async function interfacesOf(machine: ReturnType<typeof testMachine>, ...args: readonly string[]) {
  const { stdout } = await callCommand(command, { machine, args: ['--json', ...args] })
  return networkInterfacesSchema.parse(JSON.parse(stdout)).interfaces
}

test('network-interfaces tells all of them, with an address or without', async (t) => {
  t.same(await interfacesOf(testMachine(t, debian12)), [
    {
      name: 'ens3',
      mac: '52:54:00:ab:cd:ef',
      isUp: true,
      isLoopback: false,
      mtuBytes: 1500,
      ipv4: ['192.0.2.7/24', '192.0.2.8/24'],
      ipv6: ['fe80::1/64'],
    },
    {
      name: 'ens10',
      mac: '52:54:00:00:00:10',
      isUp: false,
      isLoopback: false,
      mtuBytes: null,
      ipv4: [],
      ipv6: [],
    },
    {
      name: 'lo',
      mac: null,
      isUp: true,
      isLoopback: true,
      mtuBytes: 65536,
      ipv4: ['127.0.0.1/8'],
      ipv6: [],
    },
  ])
})

test('network-interfaces leaves out what it is told to', async (t) => {
  const names = async (...args: string[]): Promise<readonly string[]> =>
    (await interfacesOf(testMachine(t, debian12), ...args)).map(({ name }) => name)
  t.same(await names('--ignore', 'lo,docker*'), ['ens3', 'ens10'])
  t.same(await names('--ignore', 'ens?'), ['ens10', 'lo'])
  t.same(await names('--ignore=*'), [])
})

test('network-interfaces takes odd names, and what is no link layer address', async (t) => {
  const flags = '0x1\n'
  const files: TestMachineParts['files'] = {
    '/sys/class/net/größe*\u001b[31m/flags': flags,
    '/sys/class/net/tun0/flags': flags,
    '/sys/class/net/tun0/address': '192.0.2.1\n',
    '/sys/class/net/ib0/flags': flags,
    '/sys/class/net/ib0/address': '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:1f:00:01\n',
  }
  const machine = testMachine(t, { files })
  const found = new Map((await interfacesOf(machine)).map((one) => [one.name, one]))
  t.equal(found.get('tun0')?.mac, null)
  t.match(found.get('ib0')?.mac, /^80:00:02/)
  t.ok(found.has('größe*\u001b[31m'))
  t.match((await callCommand(command, { machine })).stdout, 'größe*\\x1b[31m: up\n')
})

test('network-interfaces tells those with an address where /sys is not mounted', async (t) => {
  const { networkInterfaces } = debian12
  const found = await interfacesOf(testMachine(t, { ...(networkInterfaces && { networkInterfaces }) }))
  t.same(
    found.map(({ name, isUp, isLoopback, mac }) => [name, isUp, isLoopback, mac]),
    [
      ['lo', true, true, null],
      ['ens3', true, false, '52:54:00:ab:cd:ef'],
    ],
  )
})
