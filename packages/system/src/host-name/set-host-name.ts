/**
 * `set-host-name`: gives the machine another name, now and for the next start.
 * systemd-hostnamed does it where there is systemd; elsewhere hostname(1) and /etc/hostname.
 */
import type { SystemCommand } from '../command.js'
import { failed, missing, wrongUsage } from '../failure.js'
import { readSmallFile, replaceable } from '../files/existing-file.js'
import { withFolder } from '../files/held-folder.js'
import { readText } from '../files.js'
import { placeFile } from '../files/new-file.js'
import type { Machine } from '../machine.js'
import { endingOf, runChange, tryChange } from '../run-change.js'
import { hasSystemd } from '../run-later.js'

/** What was done, or would be. */
export interface SetHostNameAnswer {
  readonly name: string
  readonly oldName: string
  readonly isChanged: boolean
  readonly isDryRun: boolean
  /** Where the old /etc/hostname is kept. */
  readonly backup: string | null
}

/** The kernel keeps so many. */
const nameLengthMax = 64
const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const fileBytesMax = 4096

export const command: SystemCommand = {
  name: 'set-host-name',
  usage: 'NAME [--dry-run]',
  options: { 'dry-run': 'flag' },
  operands: { min: 1, max: 1 },
  run: async ({ machine, options: { flags }, operands: [name = ''] }) => {
    const json = await setHostName(machine, { name, isDryRun: flags.has('dry-run') })
    return { json, lines: [`${json.isDryRun ? 'would be' : 'is'} called ${name}, was ${json.oldName}`] }
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
  if (isDryRun) return { name, oldName, isChanged: false, isDryRun, backup: null }
  const backup = keepOld(machine)
  await change(machine, name)
  const [now, next] = [await nameNow(machine), (await readText(machine, '/etc/hostname'))?.trim()]
  if (now === name && next === name) return { name, oldName, isChanged: now !== oldName, isDryRun, backup }
  throw failed(
    `Cannot set the host name: the machine is called "${now}", and "${next ?? ''}" from its next start on, after it was set to "${name}"`,
  )
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

function keepOld({ root }: Machine): string | null {
  return withFolder({ root, path: '/etc' }, (folder) => {
    const old = replaceable({ folder, name: 'hostname' })
    if (old === undefined) return null
    const content = readSmallFile({ folder, name: 'hostname', bytesMax: fileBytesMax })
    placeFile({ folder, name: 'hostname.bak' }, { content, mode: 0o644, uid: old.uid, gid: old.gid })
    return '/etc/hostname.bak'
  })
}
