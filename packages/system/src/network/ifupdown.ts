/**
 * ifupdown: what /etc/network/interfaces says of an interface is replaced, all else is kept byte for byte.
 * Pure. It never writes a route of one kind into the stanza of the other, and none into a `down` line: a route goes with
 * its interface.
 */
import { authorLine, cidr, labelOf } from './backend.js'
import type { Backend, RenderRequest, ToolCall, WantedFile } from './backend.js'
import { isOf4 } from './plan.js'
import type { InterfacePlan } from './plan.js'
import { hasInterface, withoutInterfaces } from './interfaces-file.js'

const mainPath = '/etc/network/interfaces'

export const ifupdown: Backend = {
  name: 'ifupdown',
  tools: ['ifup', 'ifdown'],
  // As `source-directory` of interfaces(5) takes names.
  sources: [{ path: mainPath }, { path: '/etc/network/interfaces.d', names: /^[\w-]+$/ }],
  render,
  before: (request) => each(request, (name) => ['ifdown', '--force', name]),
  after: (request) => each(request, (name) => ['ifup', name]),
  bringsNameServers: false,
}

/** For those interfaces that the files name: ifupdown knows no other. */
function each({ plan, existing }: RenderRequest, call: (name: string) => ToolCall): ToolCall[] {
  const isNamed = (name: string): boolean =>
    [...existing.values()].some((text) => hasInterface({ text, names: [name] }))
  return plan.interfaces
    .map(({ name }) => name)
    .filter(isNamed)
    .map(call)
}

function render({ plan, existing }: RenderRequest): WantedFile[] {
  const names = plan.interfaces.map(({ name }) => name)
  const cleaned = new Map([...existing].map(([path, text]) => [path, withoutInterfaces({ text, names })]))
  const rest = (cleaned.get(mainPath) ?? 'auto lo\niface lo inet loopback\n').trimEnd()
  cleaned.set(mainPath, `${[rest, ...plan.interfaces.map(stanzas)].join('\n\n')}\n`)
  return [...cleaned].map(([path, content]) => ({ path, content, mode: 0o644 }))
}

function stanzas(plan: InterfacePlan): string {
  const { name, addresses } = plan
  const lines = [
    `# ${labelOf(plan)}. ${authorLine}`,
    `auto ${name}`,
    ...stanzasOf({ plan, kind: 'inet', own: addresses.filter(isOf4) }),
    ...stanzasOf({ plan, kind: 'inet6', own: addresses.filter((address) => !isOf4(address)) }),
  ]
  return lines.join('\n')
}

/** A stanza for each address of one kind; the first has all that is the interface's own. */
function stanzasOf({
  plan: { name, gateways, routes, dns },
  kind,
  own,
}: {
  readonly plan: InterfacePlan
  readonly kind: 'inet' | 'inet6'
  readonly own: InterfacePlan['addresses']
}): string[] {
  const isOurs = (one: { readonly address: string }): boolean => isOf4(one) === (kind === 'inet')
  const servers = dns.filter((address) => isOurs({ address }))
  const tool = kind === 'inet' ? 'ip -4' : 'ip -6'
  const firstOnly = [
    // ifupdown itself tells the kernel that a gateway is on the link.
    ...gateways.filter(isOurs).map(({ address }) => `gateway ${address}`),
    ...(servers.length > 0 ? [`dns-nameservers ${servers.join(' ')}`] : []),
    ...routes
      .filter(({ destination }) => isOurs({ address: destination }))
      .map(
        (route) =>
          `up ${tool} route replace ${cidr({ ...route, address: route.destination })} via ${route.gateway} dev ${name}${route.isOnLink ? ' onlink' : ''}`,
      ),
  ]
  return own.flatMap((address, at) => [
    `iface ${name} ${kind} static`,
    `    address ${cidr(address)}`,
    ...(kind === 'inet6' ? ['    accept_ra 0'] : []),
    ...(at === 0 ? firstOnly.map((line) => `    ${line}`) : []),
  ])
}
