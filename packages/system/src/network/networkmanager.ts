/**
 * NetworkManager: a keyfile for each interface, and its profile made the active one.
 * Pure. Other profiles of the interface stay; ours has the higher priority when the machine starts.
 */
import { createHash } from 'node:crypto'
import { authorLine, cidr, labelOf } from './backend.js'
import type { Backend, ToolCall, WantedFile } from './backend.js'
import { isOf4 } from './plan.js'
import type { InterfacePlan } from './plan.js'

export const networkManager: Backend = {
  name: 'networkmanager',
  tools: ['nmcli'],
  sources: [],
  render: ({ plan }) => plan.interfaces.map(renderFile),
  before: () => [],
  after: () => [['nmcli', 'connection', 'reload']],
  bringUp: ({ interfaces }) => interfaces.map(({ name, mac }) => activate({ uuid: uuidOf(mac), name })),
  observe: ['nmcli', '--terse', '--fields', 'DEVICE,UUID', 'connection', 'show', '--active'],
  undo: ({ plan, observed }) =>
    plan.interfaces.flatMap(({ name }) => {
      const line = observed.split('\n').find((text) => text.startsWith(`${name}:`))
      return line === undefined ? [] : [activate({ uuid: line.slice(name.length + 1), name })]
    }),
  bringsNameServers: true,
}

const activate = ({ uuid, name }: { readonly uuid: string; readonly name: string }): ToolCall => [
  ...(['nmcli', '--wait', '30', 'connection', 'up', 'uuid', uuid, 'ifname', name] as const),
]

function renderFile(plan: InterfacePlan): WantedFile {
  const { name, mac } = plan
  const sections = [
    [
      '[connection]',
      `id=negotiator ${labelOf(plan)}`,
      `uuid=${uuidOf(mac)}`,
      'type=ethernet',
      `interface-name=${name}`,
      'autoconnect=true',
      'autoconnect-priority=999',
    ],
    ['[ethernet]', `mac-address=${mac.toUpperCase()}`],
    ['[ipv4]', ...family({ plan, is4: true })],
    ['[ipv6]', ...family({ plan, is4: false })],
  ]
  return {
    path: `/etc/NetworkManager/system-connections/negotiator-${name}.nmconnection`,
    content: [`# ${authorLine}\n`, ...sections.map((lines) => `${lines.join('\n')}\n`)].join('\n'),
    // NetworkManager ignores a file that others can read.
    mode: 0o600,
  }
}

/** An interface's part of one kind of address. */
function family({ plan, is4 }: { readonly plan: InterfacePlan; readonly is4: boolean }): string[] {
  const isOurs = (one: { readonly address: string }): boolean => isOf4(one) === is4
  const addresses = plan.addresses.filter(isOurs)
  // Without an address it is left as the system has it: none of IPv4, and of IPv6 what the network's routers tell.
  if (addresses.length === 0) return [`method=${is4 ? 'disabled' : 'auto'}`]
  const gateways = plan.gateways.filter(isOurs)
  const dns = plan.dns.filter((address) => isOurs({ address }))
  const routes = [
    ...gateways
      .filter(({ isOnLink }) => isOnLink)
      .map(({ address }) => ({ to: is4 ? '0.0.0.0/0' : '::/0', via: address, isOnLink: true })),
    ...plan.routes
      .filter(({ destination }) => isOurs({ address: destination }))
      .map((route) => ({
        to: cidr({ ...route, address: route.destination }),
        via: route.gateway,
        isOnLink: route.isOnLink,
      })),
  ]
  return [
    'method=manual',
    ...addresses.map((address, at) => `address${at + 1}=${cidr(address)}`),
    ...gateways.filter(({ isOnLink }) => !isOnLink).map(({ address }) => `gateway=${address}`),
    ...routes.flatMap(({ to, via, isOnLink }, at) => [
      `route${at + 1}=${to},${via}`,
      ...(isOnLink ? [`route${at + 1}_options=onlink=true`] : []),
    ]),
    ...(dns.length > 0 ? [`dns=${dns.map((server) => `${server};`).join('')}`] : []),
  ]
}

/** Always the same for an interface, so that a second change replaces the first. */
function uuidOf(mac: string): string {
  const digits = createHash('sha1').update(`negotiator apply-network ${mac}`).digest('hex')
  const variant = ((Number.parseInt(digits.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  // RFC 9562: version 5 is a hash of a name.
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `5${digits.slice(13, 16)}`,
    `${variant}${digits.slice(18, 20)}`,
    digits.slice(20, 32),
  ].join('-')
}
