import { test } from 'tap'
import { ifupdown } from './ifupdown.js'
import type { InterfacePlan } from './plan.js'

const eth0: InterfacePlan = {
  name: 'eth0',
  mac: 'bc:76:4e:08:db:a9',
  label: 'public\nauto evil',
  addresses: [
    { address: '192.0.2.42', prefixLength: 24 },
    { address: '2001:db8::42', prefixLength: 64 },
  ],
  gateways: [],
  routes: [
    { destination: '10.0.0.0', prefixLength: 8, gateway: '192.0.2.254', isOnLink: false },
    { destination: '2001:db8:1::', prefixLength: 48, gateway: 'fe80::1', isOnLink: false },
  ],
  dns: [],
}
const plan = { hostName: undefined, interfaces: [eth0] }
const path = '/etc/network/interfaces'

function stanzas(kind: string): string {
  const text = ifupdown
    .render({ plan, existing: new Map() })
    .map(({ content }) => content)
    .join('')
  return text
    .split(/^(?=iface )/m)
    .filter((stanza) => stanza.startsWith(`iface eth0 ${kind} `))
    .join('')
}

test('ifupdown.render() keeps routes out of the stanza of the other kind, where one agent put them', async (t) => {
  t.match(stanzas('inet'), /up ip -4 route replace 10\.0\.0\.0\/8 via 192\.0\.2\.254 dev eth0\n/)
  t.notMatch(stanzas('inet'), /2001:db8/)
  t.match(stanzas('inet6'), /up ip -6 route replace 2001:db8:1::\/48 via fe80::1 dev eth0\n/)
  t.notMatch(stanzas('inet6'), /10\.0\.0\.0/)
})

test('ifupdown.render() adds no route when an interface goes down, as one agent did', async (t) => {
  t.notMatch(stanzas('inet') + stanzas('inet6'), /^\s*(?:pre-|post-)?down/m)
})

test('ifupdown.render() lets no label begin a line', async (t) => {
  const [file] = ifupdown.render({ plan, existing: new Map() })
  t.match(file?.content, /^# public_auto evil\. Written/m)
  t.notMatch(file?.content, /^auto evil/m)
})

test('ifupdown.render() renders the same again from what it rendered', async (t) => {
  const first = ifupdown.render({ plan, existing: new Map([[path, 'auto lo\niface lo inet loopback\n']]) })
  const again = ifupdown.render({
    plan,
    existing: new Map(first.map(({ path, content }) => [path, content])),
  })
  t.strictSame(again, first)
})

test('ifupdown takes down and brings up only what its files name', async (t) => {
  t.same(ifupdown.before({ plan, existing: new Map([[path, 'iface eth1 inet dhcp\n']]) }), [])
  const existing = new Map([[path, 'iface eth0 inet dhcp\n']])
  t.same(ifupdown.before({ plan, existing }), [['ifdown', '--force', 'eth0']])
  t.same(ifupdown.after({ plan, existing }), [['ifup', 'eth0']])
})
