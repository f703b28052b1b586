/**
 * This machine's Ethernet interfaces, and what they have: read from /sys, /proc and `ip`, never guessed.
 * It changes nothing.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An interface that a record can be about. */
export interface MachineInterface {
  readonly name: string
  /** Lower case, with colons. */
  readonly mac: string
}

/** ARPHRD_ETHER of <linux/if_arp.h>. */
const ethernetType = '1'

/**
 * The interfaces with a device behind them: a bridge, a bond and a VLAN have the MAC address of one of these.
 * Where there is none with a device, as in a container, all that are Ethernet.
 *
 * @param root the folder that stands for `/`
 */
export async function readMachineInterfaces(root: string): Promise<MachineInterface[]> {
  const home = join(root, 'sys/class/net')
  const names = await readdir(home).catch(() => [])
  const found = await Promise.all(names.sort().map((name) => readInterface(join(home, name), name)))
  const ethernet = found.filter((one) => one !== undefined)
  const real = ethernet.filter(({ hasDevice }) => hasDevice)
  return (real.length > 0 ? real : ethernet).map(({ name, mac }) => ({ name, mac }))
}

async function readInterface(
  folder: string,
  name: string,
): Promise<(MachineInterface & { readonly hasDevice: boolean }) | undefined> {
  const read = async (file: string): Promise<string> => (await readFile(join(folder, file), 'utf8')).trim()
  try {
    if ((await read('type')) !== ethernetType) return undefined
    const mac = await read('address')
    const hasDevice = (await readdir(folder)).includes('device')
    return { name, mac: mac.toLowerCase(), hasDevice }
  } catch {
    // It went away meanwhile, or is no folder, as `bonding_masters`.
    return undefined
  }
}
