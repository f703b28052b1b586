/**
 * `network-interfaces`: the interfaces with their addresses. /sys names them all, and Node asks the kernel for the addresses of those that
 * are up, so no tool is needed.
 */
import type { NetworkInterface, NetworkInterfaces } from '@negotiator/common/system'
import type { NetworkInterfaceInfo } from 'node:os'
import type { SystemCommand } from '../command.js'
import { listFolder, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import { matchesAny } from '../matches-pattern.js'

/** Of `flags` in /sys; see netdevice(7). */
const [isUpFlag, isLoopbackFlag] = [0x1, 0x8]

export const command: SystemCommand = {
  name: 'network-interfaces',
  usage: '[--ignore NAME,...]',
  options: { ignore: 'list' },
  run: async ({ machine, options }) => {
    const isIgnored = matchesAny(options.lists.get('ignore') ?? [])
    const found = await readInterfaces(machine)
    const interfaces: NetworkInterfaces = { interfaces: found.filter(({ name }) => !isIgnored(name)) }
    return { json: interfaces, lines: interfaces.interfaces.map(lineOf) }
  },
}

async function readInterfaces(machine: Machine): Promise<readonly NetworkInterface[]> {
  const addresses = machine.networkInterfaces()
  const listed = await listFolder(machine, '/sys/class/net')
  // Some entries are no interfaces, such as bonding_masters. Without /sys those with an address are known.
  const known = listed.length > 0 ? listed : [...new Set(Object.keys(addresses).map(ownName))]
  const interfaces: NetworkInterface[] = []
  for (const name of known) {
    const own = Object.entries(addresses).filter(([label]) => ownName(label) === name)
    const infos = own.flatMap(([, list]) => list ?? [])
    const read = await readInterface(machine, { name, infos })
    if (read !== undefined) interfaces.push(read)
  }
  return interfaces
}

/** A further IPv4 address may have a label such as `eth0:1`. */
function ownName(label: string): string {
  return label.split(':')[0] ?? label
}

async function readInterface(
  machine: Machine,
  { name, infos }: { name: string; infos: readonly NetworkInterfaceInfo[] },
): Promise<NetworkInterface | undefined> {
  const word = async (file: string): Promise<string | undefined> =>
    await readWord(machine, `/sys/class/net/${name}/${file}`)
  const flags = Number(await word('flags'))
  if (Number.isNaN(flags) && infos.length === 0) return undefined
  const cidrs = infos.map(({ cidr, family }) => ({ cidr, family }))
  const ofFamily = (wanted: 'IPv4' | 'IPv6'): readonly string[] =>
    cidrs.flatMap(({ cidr, family }) => (family === wanted && cidr !== null ? [cidr] : []))
  return {
    name,
    mac: macOf((await word('address')) ?? infos[0]?.mac ?? ''),
    isUp: Number.isNaN(flags) ? true : (flags & isUpFlag) !== 0 && hasLink(await word('operstate')),
    isLoopback: Number.isNaN(flags) ? infos[0]?.internal === true : (flags & isLoopbackFlag) !== 0,
    mtuBytes: Number(await word('mtu')) || null,
    ipv4: ofFamily('IPv4'),
    ipv6: ofFamily('IPv6'),
  }
}

/** A tunnel has an IP address there, and loopback zeros. */
function macOf(address: string): string | null {
  const mac = address.toLowerCase()
  return /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/.test(mac) && !/^[0:]+$/.test(mac) ? mac : null
}

/** What does not know its link, as loopback, says `unknown`. */
function hasLink(state: string | undefined): boolean {
  return state === undefined || !['down', 'lowerlayerdown', 'notpresent', 'dormant'].includes(state)
}

function lineOf({ name, isUp, mac, ipv4, ipv6 }: NetworkInterface): string {
  return [`${name}:`, isUp ? 'up' : 'down', mac ?? [], ipv4, ipv6].flat().join(' ')
}
