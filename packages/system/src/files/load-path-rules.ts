/**
 * Reads the administrator's list of paths, and believes it only when nobody else could have written it.
 */
import { missing } from '../failure.js'
import { readSmallFile } from './existing-file.js'
import { isOnlyOwners, isTrusted, withFolder } from './held-folder.js'
import type { HeldFolder } from './held-folder.js'
import { noPaths, parsePathRules } from './path-rules.js'
import type { PathRules } from './path-rules.js'

/** The folder of all settings of this kind. */
export const settingsFolder = '/etc/negotiator'

const settingsBytesMax = 2 ** 20

/** @returns what the file lists; nothing when there is no file. @throws {CommandFailure} when it cannot be trusted or read */
export function loadPathRules(root: string): PathRules {
  const text = readSettings(root, 'files.toml')
  return text === undefined ? noPaths : parsePathRules(text)
}

/** The text of a settings file; `undefined` when there is none. */
export function readSettings(root: string, name: string): string | undefined {
  if (!isThere(root)) return undefined
  return withFolder({ root, path: settingsFolder }, (folder) => {
    if (folder.entry(name) === undefined) return undefined
    assertTrusted(folder, name)
    return readSmallFile({ folder, name, bytesMax: settingsBytesMax })
  })
}

/** @throws {CommandFailure} when others than root, or the daemon's own user, could change what has this name */
export function assertTrusted(folder: HeldFolder, name: string): void {
  const entry = folder.entry(name)
  if (entry !== undefined && isTrusted(entry) && (entry.mode & 0o022) === 0 && isOnlyOwners(folder.stats()))
    return
  throw missing(
    `Cannot trust "${folder.path}/${name}": others than its owner may write to it or its folder, or it is not root's; "chown root" and "chmod go-w" mend it`,
  )
}

function isThere(root: string): boolean {
  return withFolder({ root, path: '/etc' }, (folder) => folder.entry('negotiator') !== undefined)
}
