/**
 * `set-host-name`: gives the machine another name, now and for the next start.
 * systemd-hostnamed does it where there is systemd; elsewhere hostname(1) and /etc/hostname. Neither sees to /etc/hosts.
 */
import { readlinkSync } from 'node:fs'
import type { SetHostNameAnswer } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { failed, missing, wrongUsage } from '../failure.js'
import { readSmallFile, replaceable } from '../files/existing-file.js'
import { withFolder } from '../files/held-folder.js'
import { readText } from '../files.js'
import { placeFile } from '../files/new-file.js'
import type { Machine } from '../machine.js'
import { endingOf, runChange, tryChange } from '../run-change.js'
import { hasSystemd } from '../run-later.js'
import { hostsPath, linkedHostsNote, renameInHosts } from './hosts-file.js'

/** The kernel keeps so many. */
const nameLengthMax = 64
const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
/** Some keep lists of thousands of names there. */
const hostsBytesMax = 16 * 2 ** 20

export const command: SystemCommand = {
  name: 'set-host-name',
  usage: 'NAME [--dry-run]',
  options: { 'dry-run': 'flag' },
  operands: { min: 1, max: 1 },
  run: async ({ machine, options: { flags }, operands: [name = ''] }) => {
    const json = await setHostName(machine, { name, isDryRun: flags.has('dry-run') })
    const [is, says] = json.isDryRun ? ['would be', 'would say'] : ['is', 'says']
    const lines = [
      `${is} called ${name}, was ${json.oldName}`,
      ...json.hostsLines.map(
        ({ before, after }) => `${hostsPath} ${says} "${onOneLine(after)}", said "${onOneLine(before)}"`,
      ),
      ...json.notes,
    ]
    return { json, lines }
  },
}

/** @throws {CommandFailure} when the name is none, or the machine does not take it */
export async function setHostName(
  machine: Machine,
  { name, isDryRun }: { readonly name: string; readonly isDryRun: boolean },
): Promise<SetHostNameAnswer> {
  if (name.length > nameLengthMax || !name.split('.').every((part) => label.test(part)))
    throw wrongUsage(
      `Cannot use the host name ${JSON.stringify(name.slice(0, 80))}: wanted at most ${nameLengthMax} letters, digits and "-", in parts between dots`,
    )
  const oldName = await nameNow(machine)
  const { text, lines: hostsLines, notes } = planHosts(machine, { oldName, name })
  const plan = { name, oldName, isDryRun, hostsLines, notes }
  if (isDryRun) return { ...plan, isChanged: false, backup: null, hostsBackup: null }
  const backup = keepOld(machine, 'hostname')
  const hostsBackup = hostsLines.length > 0 ? keepOld(machine, 'hosts') : null
  await change(machine, name)
  const [now, next] = [await nameNow(machine), (await readText(machine, '/etc/hostname'))?.trim()]
  if (now !== name || next !== name)
    throw failed(
      `Cannot set the host name: the machine is called "${now}", and "${next ?? ''}" from its next start on, after it was set to "${name}"`,
    )
  if (hostsLines.length > 0) replaceHosts(machine, text)
  return { ...plan, isChanged: now !== oldName, backup, hostsBackup }
}

/** With a blank for each tab: those would be shown as control characters. */
function onOneLine(line: string): string {
  return line.replaceAll('\t', ' ')
}

/** Who made a link keeps what it leads to. */
function planHosts(
  { root }: Machine,
  renaming: { readonly oldName: string; readonly name: string },
): ReturnType<typeof renameInHosts> & { readonly notes: readonly string[] } {
  return withFolder({ root, path: '/etc' }, (folder) => {
    if (folder.entry('hosts')?.isSymbolicLink() === true) {
      const notes = [linkedHostsNote(readlinkSync(folder.at('hosts')))]
      return { text: '', lines: [], notes }
    }
    const text = readSmallFile({ folder, name: 'hosts', bytesMax: hostsBytesMax })
    return { ...renameInHosts(text, renaming), notes: [] }
  })
}

/** @throws {CommandFailure} when it cannot be written; the machine has its new name then */
function replaceHosts({ root }: Machine, content: string): void {
  withFolder({ root, path: '/etc' }, (folder) => {
    const { mode, uid, gid } = replaceable({ folder, name: 'hosts' }) ?? folder.stats()
    placeFile({ folder, name: 'hosts' }, { content, mode: mode & 0o777, uid, gid })
    if (readSmallFile({ folder, name: 'hosts', bytesMax: hostsBytesMax }) === content) return
    throw failed(
      `Cannot vouch for "${hostsPath}": it is not what was written; is another program changing it? The machine has its new name`,
    )
  })
}

async function change(machine: Machine, name: string): Promise<void> {
  const purpose = 'Cannot set the host name'
  if (hasSystemd(machine)) {
    const result = await tryChange(machine, { tool: 'hostnamectl', args: ['set-hostname', name] })
    if (result?.exitCode === 0) return
    if (result !== undefined) throw failed(`${purpose}: ${endingOf('hostnamectl', result)}`)
  }
  // First what may be missing, then what cannot fail half-way.
  await runChange(machine, { tool: 'hostname', args: [name], purpose })
  withFolder({ root: machine.root, path: '/etc' }, (folder) => {
    const old = replaceable({ folder, name: 'hostname' })
    const { uid, gid } = old ?? folder.stats()
    placeFile({ folder, name: 'hostname' }, { content: `${name}\n`, mode: 0o644, uid, gid })
  })
}

async function nameNow(machine: Machine): Promise<string> {
  const name = (await readText(machine, '/proc/sys/kernel/hostname'))?.trim()
  if (name !== undefined) return name
  throw missing('Cannot set the host name: /proc/sys/kernel/hostname cannot be read; mount /proc')
}

function keepOld({ root }: Machine, name: 'hostname' | 'hosts'): string | null {
  return withFolder({ root, path: '/etc' }, (folder) => {
    const old = replaceable({ folder, name })
    if (old === undefined) return null
    const content = readSmallFile({ folder, name, bytesMax: hostsBytesMax })
    const { uid, gid } = old
    placeFile({ folder, name: `${name}.bak` }, { content, mode: 0o644, uid, gid })
    return `/etc/${name}.bak`
  })
}
