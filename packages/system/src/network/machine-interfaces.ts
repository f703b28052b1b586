/**
 * This machine's Ethernet interfaces, and the addresses that they have. It changes nothing.
 */
import * as z from 'zod/mini'
import { canonicalIpv6 } from '@negotiator/common/system'
import { listFolder, readLink, readWord } from '../files.js'
import type { Machine } from '../machine.js'

/** An interface that a record can be about. */
export interface MachineInterface {
  readonly name: string
  /** Lower case, with colons. */
  readonly mac: string
  /** The bridge or bond that it is a part of; then the addresses are that one's. */
  readonly master: string | undefined
}

const home = '/sys/class/net'
/** ARPHRD_ETHER of <linux/if_arp.h>. */
const ethernetType = '1'

/**
 * The interfaces with a device behind them: a bridge, a bond and a VLAN have the MAC address of one of these.
 * Where there is none with a device, as in a container, all that are Ethernet.
 */
export async function readMachineInterfaces(machine: Machine): Promise<readonly MachineInterface[]> {
  const names = await listFolder(machine, home)
  const found = await Promise.all(names.map(async (name) => await readInterface(machine, name)))
  const ethernet = found.flat()
  const real = ethernet.filter(({ hasDevice }) => hasDevice)
  return (real.length > 0 ? real : ethernet).map(({ name, mac, master }) => ({ name, mac, master }))
}

async function readInterface(
  machine: Machine,
  name: string,
): Promise<(MachineInterface & { readonly hasDevice: boolean })[]> {
  const folder = `${home}/${name}`
  const mac = await readWord(machine, `${folder}/address`)
  if ((await readWord(machine, `${folder}/type`)) !== ethernetType || mac === undefined) return []
  const hasDevice = (await listFolder(machine, folder)).includes('device')
  const master = (await readLink(machine, `${folder}/master`))?.replace(/.*\//, '')
  return [{ name, mac: mac.toLowerCase(), master, hasDevice }]
}

/** The part of `ip -json address show` that is used. */
const ipAnswer = z.array(
  z.object({
    ifname: z.optional(z.string()),
    addr_info: z._default(
      z.array(
        z.object({
          local: z.optional(z.string()),
          prefixlen: z.optional(z.number()),
          dadfailed: z.optional(z.boolean()),
        }),
      ),
      [],
    ),
  }),
)

/**
 * The addresses that an interface has now, such as `192.0.2.42/24`.
 * As `ip` tells them; without it as Node does, which leaves out an interface that has no link.
 */
export async function readAddresses(
  machine: Machine,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const told = await machine.run('ip', ['-json', 'address', 'show', 'dev', name], { signal })
  if (told === undefined)
    return new Set((machine.networkInterfaces()[name] ?? []).map(({ cidr }) => canonical(cidr ?? '')))
  const answer = ipAnswer.safeParse(told.exitCode === 0 ? parse(told.stdout) : [])
  const entries = (answer.data ?? []).flatMap(({ addr_info }) => addr_info)
  // An address that somebody else has on this network is listed, and does not work.
  const working = entries.filter(({ dadfailed }) => dadfailed !== true)
  return new Set(working.map(({ local, prefixlen }) => canonical(`${local ?? ''}/${prefixlen ?? ''}`)))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function canonical(address: string): string {
  const [own = '', length = ''] = address.split('/')
  return own.includes(':') ? `${canonicalIpv6(own)}/${length}` : address
}
