/**
 * What cloud-init will do to the network with the machine's next start: it writes its files anew unless it is told not to.
 * It changes nothing.
 */
import { parseDocument } from 'yaml'
import { listFolder, readText } from '../files.js'
import type { Machine } from '../machine.js'

const mainPath = '/etc/cloud/cloud.cfg'
const folder = '/etc/cloud/cloud.cfg.d'
/** Where this is, it does nothing at all. */
const offPath = '/etc/cloud/cloud-init.disabled'

/** @returns for the caller: that it may be undone, and how to keep it from that; nothing where cloud-init lets the network be */
export async function cloudInitNotes(machine: Machine): Promise<readonly string[]> {
  const main = await readText(machine, mainPath)
  if (main === undefined || (await readText(machine, offPath)) !== undefined) return []
  const names = (await listFolder(machine, folder)).filter((name) => name.endsWith('.cfg'))
  const others = await Promise.all(names.map(async (name) => await readText(machine, `${folder}/${name}`)))
  if ([main, ...others].some((text) => text !== undefined && isNetworkOff(text))) return []
  return [
    `cloud-init may write the network anew when this machine starts; to keep it from that, put "network: {config: disabled}" into ${folder}/99-disable-network-config.cfg`,
  ]
}

function isNetworkOff(text: string): boolean {
  return parseDocument(text, { logLevel: 'silent' }).getIn(['network', 'config']) === 'disabled'
}
