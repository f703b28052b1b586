/**
 * systemd-networkd: a `.network` file for each interface, which goes before all others.
 * Pure.
 */
import { authorLine, cidr, labelOf } from './backend.js'
import type { Backend, WantedFile } from './backend.js'
import { isOf4 } from './plan.js'
import type { InterfacePlan } from './plan.js'

export const networkd: Backend = {
  name: 'systemd-networkd',
  tools: ['networkctl'],
  sources: [],
  render: ({ plan }) => plan.interfaces.map(renderFile),
  before: () => [],
  after: ({ plan: { interfaces } }) => [
    ['networkctl', 'reload'],
    ['networkctl', 'reconfigure', ...interfaces.map(({ name }) => name)],
  ],
  bringsNameServers: false,
}

function renderFile(plan: InterfacePlan): WantedFile {
  const { name, mac, addresses, gateways, routes, dns } = plan
  const has6 = addresses.some((address) => !isOf4(address))
  const sections = [
    // A VLAN on the interface has its MAC address, too.
    section('Match', [`MACAddress=${mac}`, 'Type=ether']),
    section('Network', [
      `Description=${labelOf(plan)}`,
      'DHCP=no',
      ...(has6 ? ['IPv6AcceptRA=no'] : []),
      ...addresses.map((address) => `Address=${cidr(address)}`),
      ...dns.map((server) => `DNS=${server}`),
    ]),
    ...gateways.map((gateway) => section('Route', [`Gateway=${gateway.address}`, ...onLink(gateway)])),
    ...routes.map((route) =>
      section('Route', [
        `Destination=${cidr({ ...route, address: route.destination })}`,
        `Gateway=${route.gateway}`,
        ...onLink(route),
      ]),
    ),
  ]
  return {
    path: `/etc/systemd/network/05-negotiator-${name}.network`,
    content: [`# ${authorLine}\n`, ...sections].join('\n'),
    mode: 0o644,
  }
}

const onLink = ({ isOnLink }: { readonly isOnLink: boolean }): string[] =>
  isOnLink ? ['GatewayOnLink=yes'] : []

const section = (name: string, lines: readonly string[]): string => `[${name}]\n${lines.join('\n')}\n`
