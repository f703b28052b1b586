/**
 * Finds the hooks of a phase, each with its settings or with why it may not be run.
 * Floor 5. It reads the folders at each run, so a change takes effect with the next; it runs nothing. Doubt refuses, as with commands.
 */
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SystemError, systemCodeOf } from '../errors.js'
import { hooksPerPhaseMax } from '../limits.js'
import { isExecutable, settingsIn } from '../registry/inspect.js'
import type { Refusal } from '../registry/inspect.js'
import { whyUnsafe } from '../registry/safety.js'
import { readSettingsText } from '../registry/settings-file.js'
import { walk } from '../registry/walk.js'
import type { Walk, Walked } from '../registry/walk.js'
import { isHookFile, isReserved, isScriptFile } from './hook-name.js'
import { localSettingsFile } from './extras-adapter.js'
import { parseHookSettings } from './hook-settings.js'
import type { HookSettings } from './hook-settings.js'
import type { Phase } from './phase.js'

/** Where hooks lie. */
export interface HookFolders {
  /** The administrator's, a folder in it for each phase. */
  readonly own: string
  /** Those with shipped hooks, laid out the same way. */
  readonly shipped: readonly string[]
  /** Scripts of DevStack's shape, each for all phases that DevStack knows. */
  readonly scripts: string
}

/** A hook of a phase. */
export interface FoundHook {
  readonly name: string
  readonly path: string
  /** `script`: it is sourced by a shell of its own, as DevStack does it. */
  readonly kind: 'executable' | 'script'
  readonly isShipped: boolean
  readonly settings: HookSettings
  readonly refused?: Refusal | undefined
}

interface Place {
  readonly folder: string
  readonly kind: FoundHook['kind']
  readonly isShipped: boolean
}

/**
 * The hooks of a phase, in the order of their names.
 * @throws {SystemError} `hooks-unreadable` for a folder that is there and cannot be read: what may veto must not be passed over
 */
export async function findHooks(phase: Phase, folders: HookFolders): Promise<readonly FoundHook[]> {
  const found = new Map<string, FoundHook>()
  const shippedNames = new Set<string>()
  for (const place of placesOf(phase, folders)) {
    const walked = walk({ from: '/', path: place.folder })
    for (const name of await namesIn(place)) {
      const before = found.get(name)
      if (place.isShipped) shippedNames.add(name)
      // The administrator's come first, and stand for a shipped one of the same name.
      if (before !== undefined) continue
      const hook = await lookAt(walked, { phase, place, name })
      if (hook !== undefined) found.set(name, hook)
    }
  }
  const inOrder = [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  return inOrder.map((hook, index) => ({
    ...hook,
    refused: whyNot(hook, shippedNames) ?? (index < hooksPerPhaseMax ? hook.refused : tooMany),
  }))
}

const tooMany: Refusal = {
  reason: `the phase has more than ${hooksPerPhaseMax} hooks; remove those that nobody needs`,
}

function placesOf(phase: Phase, { own, shipped, scripts }: HookFolders): readonly Place[] {
  const plain: readonly Place[] = [
    { folder: join(own, phase.name), kind: 'executable', isShipped: false },
    ...shipped.map((folder): Place => ({
      folder: join(folder, phase.name),
      kind: 'executable',
      isShipped: true,
    })),
  ]
  // DevStack knows nothing of a guest's life.
  return phase.mode === 'guest' ? plain : [...plain, { folder: scripts, kind: 'script', isShipped: false }]
}

async function namesIn({ folder, kind }: Place): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).sort()
    const isWanted = kind === 'script' ? isScriptFile : isNoBackup
    return names.filter(isWanted)
  } catch (cause) {
    const code = systemCodeOf(cause) ?? 'unknown error'
    if (code === 'ENOENT') return []
    throw new SystemError(`Cannot read the hooks in "${folder}": ${code}; mend the folder, or remove it`, {
      code: 'hooks-unreadable',
      cause,
    })
  }
}

/** What editors and packages leave, and settings, are no hooks. */
function isNoBackup(name: string): boolean {
  return !/^\.|~$|\.(?:toml|bak|dpkg-[a-z]+|rpm[a-z]+|ucf-[a-z]+)$/.test(name)
}

interface Candidate {
  readonly phase: Phase
  readonly place: Place
  readonly name: string
}

async function lookAt(
  folder: Walk,
  { phase, place: { folder: path, kind, isShipped }, name }: Candidate,
): Promise<FoundHook | undefined> {
  const hook = { name, path: join(path, name), kind, isShipped, settings: {} }
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
  const refused = (await whyRefused(folder, { file, kind })) ?? ('reason' in settings ? settings : undefined)
  return { ...hook, path: file.path, settings: known, refused }
}

const badName = 'its name is not two digits, a dash and a name; call it, e.g., "20-network"'

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

function whyNot({ name, isShipped, refused }: FoundHook, shipped: ReadonlySet<string>): Refusal | undefined {
  if (refused !== undefined || isShipped || shipped.has(name) || !isReserved(name)) return undefined
  return { reason: 'the numbers 00 to 09 and 90 to 99 are kept for hooks that are shipped; take 10 to 89' }
}
