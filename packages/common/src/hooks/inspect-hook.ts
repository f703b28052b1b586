/**
 * Whether a file in the folder of a phase is a hook that may be run, and with which settings.
 * Floor 5. It runs nothing. Doubt refuses, as with commands.
 */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isExecutable, settingsIn } from '../registry/inspect.js'
import type { Refusal } from '../registry/inspect.js'
import { whyUnsafe } from '../registry/safety.js'
import { readSettingsText } from '../registry/settings-file.js'
import { walk } from '../registry/walk.js'
import type { Walk, Walked } from '../registry/walk.js'
import { localSettingsFile } from './extras-adapter.js'
import { isHookFile, isReserved } from './hook-name.js'
import { parseHookSettings } from './hook-settings.js'
import type { HookSettings } from './hook-settings.js'
import type { Phase } from './phase.js'

/** A hook of a phase. */
export interface FoundHook {
  readonly name: string
  readonly path: string
  /** `script`: it is sourced by a shell of its own, as DevStack does it. */
  readonly kind: 'executable' | 'script'
  readonly settings: HookSettings
  readonly refused?: Refusal | undefined
}

interface Candidate {
  readonly phase: Phase
  readonly kind: FoundHook['kind']
  readonly name: string
  /** The folder's path, as it was given. */
  readonly place: string
}

/** @returns nothing for what is no hook and was not meant to be one, or is gone by now */
export async function inspectHook(
  folder: Walk,
  { phase, kind, name, place }: Candidate,
): Promise<FoundHook | undefined> {
  const hook = { name, path: join(place, name), kind, settings: {} }
  if ('missing' in folder) return undefined
  if ('blocked' in folder) return { ...hook, refused: { reason: folder.blocked } }
  if (kind === 'executable' && !isHookFile(name))
    return (await isRunnable(hook.path)) ? { ...hook, refused: { reason: badName } } : undefined
  const file = walk({ from: folder.path, path: name })
  if ('missing' in file) return undefined
  if ('blocked' in file) return { ...hook, refused: { reason: file.blocked } }
  const settings = kind === 'script' ? scriptSettings(folder, phase) : settingsOf(folder, { phase, name })
  // Settings that cannot be read may have said that its word counts.
  const known = 'reason' in settings ? { isVeto: phase.hasVeto } : (settings.settings ?? {})
  const refused =
    (await whyRefused(folder, { file, kind })) ??
    ('reason' in settings ? settings : undefined) ??
    (isReserved(name) ? reserved : undefined)
  return { ...hook, path: file.path, settings: known, refused }
}

const badName = 'its name is not two digits, a dash and a name; call it, e.g., "20-network"'

const reserved: Refusal = {
  reason: 'the numbers 00 to 09 and 90 to 99 are kept for hooks that are shipped; take 10 to 89',
}

/** A text that lies beside the hooks is no fault. */
async function isRunnable(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isFile() === true && (await isExecutable(path))
}

async function whyRefused(
  place: Walked,
  { file, kind }: { readonly file: Walked; readonly kind: FoundHook['kind'] },
): Promise<Refusal | undefined> {
  if (!file.stats.isFile()) return { reason: 'it is not a regular file' }
  const unsafe = whyUnsafe({ place, file, what: 'its file' })
  if (unsafe !== undefined) return unsafe
  if (kind === 'executable')
    return (await isExecutable(file.path)) ? undefined : { reason: 'it is not executable; chmod +x it' }
  const isReadable = await access(file.path, constants.R_OK).then(
    () => true,
    () => false,
  )
  return isReadable ? undefined : { reason: 'it cannot be read; chmod u+r it' }
}

/** What all scripts read first, as in DevStack; whoever can write it writes each of them. In DevStack their failure ends the run. */
function scriptSettings(place: Walked, { hasVeto }: Phase): Refusal | { readonly settings: HookSettings } {
  const file = walk({ from: place.path, path: localSettingsFile })
  const settings = { isVeto: hasVeto }
  if ('missing' in file) return { settings }
  if ('blocked' in file) return { reason: `"${localSettingsFile}" beside it cannot be used: ${file.blocked}` }
  const unsafe = whyUnsafe({ place, file, what: 'its file' })
  if (unsafe === undefined) return { settings }
  return { ...unsafe, reason: `"${localSettingsFile}" beside it cannot be used: ${unsafe.reason}` }
}

function settingsOf(
  place: Walked,
  { phase, name }: { readonly phase: Phase; readonly name: string },
): Refusal | { readonly settings: HookSettings | undefined } {
  const file = walk({ from: place.path, path: `${name}.toml` })
  return settingsIn<HookSettings>({
    place,
    file,
    read: (found) => {
      const read = readSettingsText(found)
      if ('reason' in read) return read
      const settings = parseHookSettings(read.text, phase)
      return 'reason' in settings ? settings : { settings }
    },
  })
}
