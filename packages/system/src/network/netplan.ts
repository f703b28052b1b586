/**
 * netplan: what its files say of an interface is replaced where it stands, comments and all else kept; an interface that
 * none of them knows gets a file of its own.
 * Pure. netplan joins its files, so an address that another file still gives would come on top.
 */
import { Document, isMap, isScalar, parseDocument, Scalar } from 'yaml'
import type { YAMLMap } from 'yaml'
import { CommandFailure, exitFailed } from '../failure.js'
import { authorLine, cidr } from './backend.js'
import type { Backend, RenderRequest, WantedFile } from './backend.js'
import { isOf4 } from './plan.js'
import type { InterfacePlan } from './plan.js'

const home = '/etc/netplan'
const ownPath = `${home}/99-negotiator.yaml`
// It may hold the password of a wireless network, and netplan warns when others can read it.
const mode = 0o600

/** What the plan decides; all else of a definition (`set-name`, `mtu`, `optional`) is its owner's. */
const decided = [
  ...['dhcp4', 'dhcp6', 'dhcp4-overrides', 'dhcp6-overrides', 'accept-ra', 'addresses'],
  ...['gateway4', 'gateway6', 'routes', 'nameservers'],
]

export const netplan: Backend = {
  name: 'netplan',
  tools: ['netplan'],
  sources: [{ path: home, names: /\.yaml$/ }],
  render,
  before: () => [],
  // The first finds faults before the second changes anything.
  after: () => [
    ['netplan', 'generate'],
    ['netplan', 'apply'],
  ],
  atStart: [['netplan', 'generate']],
  bringsNameServers: true,
}

function render({ plan, existing }: RenderRequest): WantedFile[] {
  const documents = new Map([...existing].map(([path, text]) => [path, read(path, text)]))
  for (const one of plan.interfaces) {
    const places = [...documents].flatMap(([path, document]) => definitionsOf({ path, document, plan: one }))
    for (const { definition } of places) for (const key of decided) definition.delete(key)
    // netplan reads its files in the order of their names, and the last one wins.
    const own = places.at(-1)?.definition ?? ownDefinition({ documents, plan: one })
    for (const [key, value] of Object.entries(settingsOf(one))) own.set(key, value)
  }
  return [...documents].map(([path, document]) => ({ path, content: document.toString(), mode }))
}

function read(path: string, text: string): Document {
  const document = parseDocument(text)
  if (document.errors.length === 0) return document
  throw new CommandFailure(
    `Cannot apply the network: ${path} is no YAML, so netplan would refuse it, too; mend it first`,
    exitFailed,
  )
}

function definitionsOf({
  document,
  plan,
}: {
  readonly path: string
  readonly document: Document
  readonly plan: InterfacePlan
}): { readonly definition: YAMLMap }[] {
  const ethernets = document.getIn(['network', 'ethernets'])
  if (!isMap(ethernets)) return []
  return ethernets.items.flatMap(({ key, value }) =>
    isMap(value) && isAbout({ id: String(key), definition: value, plan }) ? [{ definition: value }] : [],
  )
}

/** A definition without `match` is about the interface that it is called by. */
function isAbout({
  id,
  definition,
  plan,
}: {
  readonly id: string
  readonly definition: YAMLMap
  readonly plan: InterfacePlan
}): boolean {
  if (!definition.has('match')) return id === plan.name
  const mac = definition.getIn(['match', 'macaddress'], true)
  if (isScalar(mac)) return String(mac.value).toLowerCase() === plan.mac
  return definition.getIn(['match', 'name']) === plan.name || definition.get('set-name') === plan.name
}

function ownDefinition({
  documents,
  plan,
}: {
  readonly documents: Map<string, Document>
  readonly plan: InterfacePlan
}): YAMLMap {
  const document = documents.get(ownPath) ?? new Document({ network: { version: 2, ethernets: {} } })
  if (!documents.has(ownPath)) document.commentBefore = ` ${authorLine}`
  documents.set(ownPath, document)
  // Unquoted, 52:54:00:12:34:56 is a number to an older netplan.
  const macaddress = Object.assign(new Scalar(plan.mac), { type: Scalar.QUOTE_DOUBLE })
  const definition = document.createNode({ match: { macaddress } })
  document.setIn(['network', 'ethernets', plan.name], definition)
  return definition
}

function settingsOf({ addresses, gateways, routes, dns }: InterfacePlan): Record<string, unknown> {
  const onLink = ({ isOnLink }: { readonly isOnLink: boolean }): object =>
    isOnLink ? { 'on-link': true } : {}
  const ways = [
    // Older releases do not know the word "default".
    ...gateways.map((gateway) => ({
      to: isOf4(gateway) ? '0.0.0.0/0' : '::/0',
      via: gateway.address,
      ...onLink(gateway),
    })),
    ...routes.map((route) => ({
      to: cidr({ ...route, address: route.destination }),
      via: route.gateway,
      ...onLink(route),
    })),
  ]
  return {
    dhcp4: false,
    ...(addresses.every(isOf4) ? {} : { dhcp6: false, 'accept-ra': false }),
    addresses: addresses.map(cidr),
    ...(ways.length > 0 ? { routes: ways } : {}),
    ...(dns.length > 0 ? { nameservers: { addresses: dns } } : {}),
  }
}
