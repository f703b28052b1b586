import { test } from 'tap'
import { netplan } from './netplan.js'
import type { InterfacePlan } from './plan.js'

const eth0: InterfacePlan = {
  name: 'eth0',
  mac: '52:54:00:12:34:56',
  label: undefined,
  addresses: [{ address: '192.0.2.42', prefixLength: 24 }],
  gateways: [],
  routes: [],
  dns: [],
}

function render(existing: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const plan = { hostName: undefined, interfaces: [eth0] }
  const files = netplan.render({ plan, existing: new Map(Object.entries(existing)) })
  return Object.fromEntries(files.map(({ path, content }) => [path, content]))
}

const definition = (match: string) =>
  `network:\n  ethernets:\n    any:\n      match:\n        ${match}\n      gateway4: 203.0.113.1\n`

test('netplan.render() finds an interface by every way in which a file may name it', async (t) => {
  for (const match of ['macaddress: 52:54:00:12:34:56', "macaddress: '52:54:00:12:34:56'", 'name: eth0']) {
    const files = render({ '/etc/netplan/a.yaml': definition(match) })
    t.same(Object.keys(files), ['/etc/netplan/a.yaml'], match)
    t.match(files['/etc/netplan/a.yaml'], new RegExp(`${match}\n`), 'as it was')
    t.match(files['/etc/netplan/a.yaml'], /192\.0\.2\.42/)
    t.notMatch(files['/etc/netplan/a.yaml'], /gateway4/)
  }
  const byName = render({
    '/etc/netplan/a.yaml': 'network: {ethernets: {eth0: {dhcp4: yes, optional: true}}}\n',
  })
  t.match(byName['/etc/netplan/a.yaml'], /dhcp4: false/)
  t.match(byName['/etc/netplan/a.yaml'], /optional: true/, "its owner's")
})

test('netplan.render() leaves an interface of another name or MAC address alone, in a file of its own', async (t) => {
  for (const match of ['macaddress: 52:54:00:12:34:57', 'name: eth1', 'driver: virtio_net']) {
    const files = render({ '/etc/netplan/a.yaml': definition(match) })
    t.equal(files['/etc/netplan/a.yaml'], definition(match))
    // Unquoted, an older netplan reads a number to the base of 60.
    t.match(files['/etc/netplan/99-negotiator.yaml'], /macaddress: "52:54:00:12:34:56"/)
  }
})

test('netplan.render() takes what several files say away, and writes into the last: netplan adds lists up', async (t) => {
  const files = render({
    '/etc/netplan/a.yaml': 'network:\n  ethernets:\n    eth0:\n      addresses: [203.0.113.9/24]\n',
    '/etc/netplan/b.yaml': 'network:\n  ethernets:\n    eth0:\n      dhcp4: true\n',
  })
  t.equal(files['/etc/netplan/a.yaml'], 'network:\n  ethernets:\n    eth0: {}\n')
  t.match(files['/etc/netplan/b.yaml'], /dhcp4: false\n +addresses:\n +- 192\.0\.2\.42\/24\n$/)
})

test('netplan.render() says which file is no YAML', async (t) => {
  t.throws(() => render({ '/etc/netplan/a.yaml': 'network: [' }), {
    message:
      'Cannot apply the network: /etc/netplan/a.yaml is no YAML, so netplan would refuse it, too; mend it first',
  })
})
