/**
 * The plan: what each interface of this machine shall have, whichever backend brings it about.
 * Pure. Everything that a record asks for and this machine cannot give is told here, all of it at once.
 */
import { BlockList, isIPv4 } from 'node:net'
import { wrongUsage } from '../failure.js'
import type { NetworkRecord, NetworkRequest, RecordAddress } from '@negotiator/common/system'
import type { MachineInterface } from './machine-interfaces.js'

/** An address in its network. */
export interface PlannedAddress {
  readonly address: string
  readonly prefixLength: number
}

/** The way out for one kind of address. */
export interface PlannedGateway {
  readonly address: string
  /** No network of the interface's own reaches it, so that the kernel must be told that it is there. */
  readonly isOnLink: boolean
}

/** A network behind a gateway of its own. */
export interface PlannedRoute {
  readonly destination: string
  readonly prefixLength: number
  readonly gateway: string
  readonly isOnLink: boolean
}

/** One interface; at most one gateway of each kind. */
export interface InterfacePlan {
  readonly name: string
  readonly mac: string
  readonly label: string | undefined
  readonly addresses: readonly PlannedAddress[]
  readonly gateways: readonly PlannedGateway[]
  readonly routes: readonly PlannedRoute[]
  readonly dns: readonly string[]
}

/** All that a change of the network brings about. */
export interface NetworkPlan {
  readonly hostName: string | undefined
  readonly interfaces: readonly InterfacePlan[]
}

/** Whether an address, or what begins with one, is of IPv4. */
export function isOf4({ address }: { readonly address: string }): boolean {
  return isIPv4(address)
}

/**
 * Matches records to this machine's interfaces, by MAC address.
 *
 * @throws UsageError which says all that cannot be done, each with the MAC address it is about
 */
export function planNetwork({
  request,
  interfaces,
}: {
  readonly request: NetworkRequest
  readonly interfaces: readonly MachineInterface[]
}): NetworkPlan {
  const plans = request.networks.map((record) => planInterface({ record, interfaces }))
  const faults = [...plans.flatMap(({ faults }) => faults), ...faultsBetween(request.networks)]
  if (faults.length > 0) throw wrongUsage(`Cannot apply the network: ${faults.join('; ')}`)
  return { hostName: request.hostName, interfaces: plans.map(({ plan }) => plan) }
}

function planInterface({
  record,
  interfaces,
}: {
  readonly record: NetworkRecord
  readonly interfaces: readonly MachineInterface[]
}): { readonly plan: InterfacePlan; readonly faults: readonly string[] } {
  const { mac, label, dns } = record
  const found = interfaces.filter((one) => one.mac === mac)
  const isReachable = reachable(record)
  const onLink = (gateway: string): boolean => !isReachable(gateway)
  const plan = {
    name: found[0]?.name ?? '',
    mac,
    label,
    addresses: addressesOf(record).map(({ address, prefixLength }) => ({ address, prefixLength })),
    gateways: gatewaysOf(record).map((address) => ({ address, isOnLink: onLink(address) })),
    routes: record.routes
      .filter((route) => !isDefault(route))
      .map((route) => ({ ...route, isOnLink: onLink(route.gateway) })),
    dns: [...new Set(dns)],
  }
  return { plan, faults: [...matchFaults({ mac, found, interfaces }), ...gatewayFaults(plan)] }
}

const addressesOf = ({ ips, ip6s }: NetworkRecord): readonly RecordAddress[] =>
  [...ips, ...ip6s].filter(({ isEnabled }) => isEnabled)

const isDefault = ({ prefixLength }: { readonly prefixLength: number }): boolean => prefixLength === 0

/**
 * A gateway beside an address goes before the record's own, as in the agents before: hosts write them in both places.
 * Default routes among the routes count, too; most often one repeats the gateway.
 */
function gatewaysOf(record: NetworkRecord): string[] {
  const addresses = addressesOf(record)
  const kinds = [
    { own: record.gateway, isKind: isIPv4 },
    { own: record.gateway6, isKind: (address: string) => !isIPv4(address) },
  ]
  return kinds.flatMap(({ own, isKind }) => {
    const beside = addresses
      .map(({ gateway }) => gateway)
      .filter((gateway) => gateway !== undefined && isKind(gateway))
    // Without an address of its kind a gateway leads nowhere, and hosts write it all the same.
    const hasKind = addresses.some(({ address }) => isKind(address))
    const chosen = beside.length > 0 ? beside : hasKind ? [own] : []
    const routed = record.routes
      .filter((route) => isDefault(route) && isKind(route.destination))
      .map(({ gateway }) => gateway)
    return [...new Set([...chosen, ...routed].filter((gateway) => gateway !== undefined))]
  })
}

function reachable(record: NetworkRecord): (gateway: string) => boolean {
  const networks = new BlockList()
  // Every interface has a link-local address.
  networks.addSubnet('fe80::', 10, 'ipv6')
  for (const { address, prefixLength } of addressesOf(record))
    networks.addSubnet(address, prefixLength, kindOf(address))
  return (gateway) => networks.check(gateway, kindOf(gateway))
}

const kindOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')

function matchFaults({
  mac,
  found,
  interfaces,
}: {
  readonly mac: string
  readonly found: readonly MachineInterface[]
  readonly interfaces: readonly MachineInterface[]
}): string[] {
  const master = found.length === 1 ? found[0]?.master : undefined
  if (master !== undefined)
    return [
      `${found[0]?.name} is a part of ${master}, which has the addresses; apply-network knows plain interfaces only`,
    ]
  if (found.length === 1) return []
  const names = (list: readonly MachineInterface[]): string =>
    list.map(({ name, mac }) => `${name} (${mac})`).join(', ')
  if (found.length > 1) return [`several interfaces have the MAC address ${mac}: ${names(found)}`]
  const known = interfaces.length === 0 ? 'it has none' : `it has ${names(interfaces)}`
  return [`no interface of this machine has the MAC address ${mac}; ${known}`]
}

function gatewayFaults({ mac, addresses, gateways }: InterfacePlan): string[] {
  const faults = addresses.length === 0 ? [`the record of ${mac} has no address that is enabled`] : []
  const repeated = addresses
    .map(({ address }) => address)
    .filter((address, at, all) => all.indexOf(address) < at)
  faults.push(...repeated.map((address) => `the record of ${mac} has ${address} twice`))
  for (const kind of ['IPv4', 'IPv6']) {
    const own = gateways.filter((gateway) => isOf4(gateway) === (kind === 'IPv4'))
    if (own.length > 1)
      faults.push(
        `the record of ${mac} has more than one ${kind} default route: ${own.map(({ address }) => address).join(', ')}`,
      )
  }
  return faults
}

/** What no record is to blame for alone. */
function faultsBetween(records: readonly NetworkRecord[]): string[] {
  const macs = records.map(({ mac }) => mac)
  const repeated = new Set(macs.filter((mac, at) => macs.indexOf(mac) < at))
  const faults = [...repeated].map((mac) => `there is more than one record of ${mac}`)
  for (const kind of ['IPv4', 'IPv6']) {
    const ways = records.filter((record) =>
      gatewaysOf(record).some((address) => isIPv4(address) === (kind === 'IPv4')),
    )
    if (ways.length > 1)
      faults.push(
        `more than one interface has an ${kind} default route (${ways.map(({ mac }) => mac).join(', ')}); leave the gateway out of all but one`,
      )
  }
  return faults
}
