/**
 * An existing file in a held folder, opened so that nothing else can be meant by its name: no link, no pipe, no device.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf } from './error-code.js'
import { failed, missing, notAllowed } from '../failure.js'
import { isOnlyOwners } from './held-folder.js'
import type { HeldFolder } from './held-folder.js'

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

interface Wanted {
  readonly folder: HeldFolder
  readonly name: string
}

/** An open file. Whoever opens it closes it. */
export interface OpenedFile {
  readonly descriptor: number
  readonly stats: Stats
}

/**
 * Opens a file for reading.
 * @throws {CommandFailure} when it is not there, no regular file, or could be another one that its folder's owner has no right to read
 */
export function openExisting({ folder, name }: Wanted): OpenedFile {
  const path = join(folder.path, name)
  const descriptor = openOrFail({ folder, name }, path)
  const stats = fstatSync(descriptor)
  const reason = refusalOf(stats, folder)
  if (reason === undefined) return { descriptor, stats }
  closeSync(descriptor)
  throw notAllowed(`Cannot read "${path}": ${reason}`)
}

/** The text of a small file; empty when there is none. @throws {CommandFailure} as `openExisting`, and when it is too large */
export function readSmallFile({ folder, name, bytesMax }: Wanted & { readonly bytesMax: number }): string {
  if (folder.entry(name) === undefined) return ''
  const { descriptor, stats } = openExisting({ folder, name })
  try {
    if (stats.size <= bytesMax) return readFileSync(descriptor, 'utf8')
    throw failed(
      `Cannot read "${join(folder.path, name)}": it has ${stats.size} bytes, at most ${bytesMax} are read`,
    )
  } finally {
    closeSync(descriptor)
  }
}

/** @throws {CommandFailure} when what has this name now is neither nothing nor a regular file: it shall not be replaced */
export function replaceable({ folder, name }: Wanted): Stats | undefined {
  const entry = folder.entry(name)
  if (entry === undefined || entry.isFile()) return entry
  const kind = entry.isSymbolicLink() ? 'a link; name the file that it leads to' : 'no regular file'
  throw notAllowed(`Cannot replace "${join(folder.path, name)}": it is ${kind}`)
}

function openOrFail({ folder, name }: Wanted, path: string): number {
  try {
    return openSync(folder.at(name), readFlags)
  } catch (cause) {
    const code = errorCodeOf(cause)
    if (code === 'ENOENT') throw missing(`Cannot read "${path}": it does not exist`)
    if (code === 'ELOOP')
      throw notAllowed(`Cannot read "${path}": it is a link; name the file that it leads to`)
    throw failed(`Cannot read "${path}": ${code}`)
  }
}

function refusalOf(stats: Stats, folder: HeldFolder): string | undefined {
  if (!stats.isFile()) return 'it is no regular file'
  // In a folder of their own people can link a file of somebody else's, and have it read for them.
  return stats.nlink > 1 && !isOnlyOwners(folder.stats())
    ? 'it has a second name, and lies where others than root may put files'
    : undefined
}
