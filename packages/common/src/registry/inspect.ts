/**
 * Looks at one name in a command folder: what is it, may it be run, and how?
 * Floor 4. Reasons are told to the caller, so they name no path. Doubt refuses: what cannot be looked at, is two things at once or has
 * settings that cannot be read does not run.
 */
import { constants, lstatSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import { moduleEnding, settingsEnding } from './command.js'
import type { Command, CommandKind, RefusedFile } from './command.js'
import { whyUnsafe } from './safety.js'
import { readSettings } from './settings-file.js'
import { walk } from './walk.js'
import type { Walk, Walked } from './walk.js'

/** One of the two, or nothing when there is no such file. */
export type Inspected =
  | { readonly command: Command }
  | { readonly refused: RefusedFile }
  | { readonly missing: true }

/** Why a command is refused. */
export type Refusal = Pick<RefusedFile, 'reason' | 'culprit'>

interface Named {
  readonly folder: string
  readonly name: string
}

/**
 * Looks at what a name stands for in a folder, following links to the real file.
 * @param named the command `folder` and the command's `name` in it
 */
export async function inspectCommand({ folder, name }: Named): Promise<Inspected> {
  // Most names are in one folder of several, so this comes before the folder is looked at.
  if (!isThere(join(folder, name)) && !isThere(join(folder, name + moduleEnding))) return { missing: true }
  return await inspectIn(walk({ from: '/', path: folder }), { folder, name })
}

/** The same in a folder that has been walked to already. */
export async function inspectIn(place: Walk, { folder, name }: Named): Promise<Inspected> {
  const path = join(folder, name)
  if ('missing' in place) return place
  if ('blocked' in place) return { refused: { name, path, reason: place.blocked } }
  const at = (ending: string): Walk => walk({ from: place.path, path: name + ending })
  const [plain, module] = [at(''), at(moduleEnding)]
  if (!('missing' in plain) && !('missing' in module))
    return { refused: { name, path, reason: twoKinds(name) } }
  const isModule = 'missing' in plain
  const found = isModule ? module : plain
  if ('missing' in found) return { missing: true }
  const looked = await lookAt({ place, found, isModule, settings: at(settingsEnding) })
  return 'reason' in looked
    ? { refused: { name, path: isModule ? path + moduleEnding : path, ...looked } }
    : { command: { name, ...looked } }
}

function twoKinds(name: string): string {
  return `there are both "${name}" and "${name}${moduleEnding}", and it cannot be told which is meant; remove one`
}

interface Candidate {
  readonly place: Walked
  readonly found: Exclude<Walk, { missing: true }>
  readonly isModule: boolean
  readonly settings: Walk
}

async function lookAt({
  place,
  found,
  isModule,
  settings,
}: Candidate): Promise<Refusal | Omit<Command, 'name'>> {
  if ('blocked' in found) return { reason: found.blocked }
  const kind = kindOf(found, isModule)
  if (kind === undefined) return { reason: 'it is not a regular file' }
  const unsafe = whyUnsafe({ place, file: found, what: 'its file' })
  if (unsafe !== undefined) return unsafe
  if (kind === 'executable' && !(await isExecutable(found.path)))
    return { reason: 'it is not executable; chmod +x it' }
  const read = settingsIn({ place, file: settings, read: (file) => readSettings({ file, kind }) })
  return 'reason' in read ? read : { kind, path: found.path, settings: read.settings ?? {} }
}

function kindOf({ stats }: Walked, isModule: boolean): CommandKind | undefined {
  if (stats.isFile()) return isModule ? 'module' : 'executable'
  return stats.isSocket() && !isModule ? 'socket' : undefined
}

interface SettingsPlace<Settings> {
  readonly place: Walked
  readonly file: Walk
  readonly read: (file: Walked) => { readonly settings: Settings } | { readonly reason: string }
}

/** Whoever can write the settings says as which user a command runs, so they pass the same checks as the command. */
export function settingsIn<Settings>({
  place,
  file,
  read,
}: SettingsPlace<Settings>): Refusal | { readonly settings: Settings | undefined } {
  if ('missing' in file) return { settings: undefined }
  const found = 'blocked' in file ? { reason: file.blocked } : readSafe({ place, file, read })
  return 'reason' in found ? { ...found, reason: `its settings cannot be used: ${found.reason}` } : found
}

function readSafe<Settings>({
  place,
  file,
  read,
}: SettingsPlace<Settings> & { readonly file: Walked }): Refusal | { readonly settings: Settings } {
  const culprit = file.path
  if (!file.stats.isFile()) return { reason: 'they are not a regular file', culprit }
  const unsafe = whyUnsafe({ place, file, what: 'their file' })
  if (unsafe !== undefined) return unsafe
  try {
    const found = read(file)
    return 'settings' in found ? found : { reason: found.reason, culprit }
  } catch (error) {
    return { reason: `they cannot be read: ${systemCodeOf(error) ?? 'unknown error'}`, culprit }
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true // It is refused then, with the reason.
  }
}

/** Whether this user may execute a file. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false // The one question was whether it may be executed.
  }
}
