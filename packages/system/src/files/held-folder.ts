/**
 * A folder that is held open, so that what is done in it is done in that very folder, whatever becomes of its path meanwhile.
 * It is walked to step by step: a symbolic link on the way is followed only where nobody but root, or the daemon's own user,
 * could have put it. Node has no openat(2); /proc/self/fd stands for it.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { getuid } from 'node:process'
import { errorCodeOf } from './error-code.js'
import { CommandFailure, exitMissing, failed, missing, notAllowed } from '../failure.js'

/** So many links are followed on one way; the kernel's own limit is 40. */
const linksMax = 16

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

interface WayToFolder {
  /** What stands before every path; empty on a real machine. */
  readonly root: string
  /** Absolute, as `checkedPath` lets it through. */
  readonly path: string
  /** Folders that are missing are made, for everybody to read and for root to change. */
  readonly isMaking?: boolean
}

/** An open folder. Whoever opens it closes it. */
export class HeldFolder {
  /** Where it is, without links and without the root. */
  readonly path: string
  readonly #descriptor: number

  constructor({ descriptor, path }: { readonly descriptor: number; readonly path: string }) {
    this.#descriptor = descriptor
    this.path = path
  }

  /** A path to what is called so in this folder. @param name one name, without a slash */
  at(name: string): string {
    return `/proc/self/fd/${this.#descriptor}/${name}`
  }

  /** The folder's own facts. */
  stats(): Stats {
    return fstatSync(this.#descriptor)
  }

  /** What is called so in it, links not followed; `undefined` when there is nothing. */
  entry(name: string): Stats | undefined {
    return lstatSync(this.at(name), { throwIfNoEntry: false })
  }

  /** Gives the folder itself away. */
  give({ uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number }): void {
    fchownSync(this.#descriptor, uid, gid)
    fchmodSync(this.#descriptor, mode)
  }

  /** Makes sure that a rename in it outlives a power cut. */
  sync(): void {
    fsyncSync(this.#descriptor)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/**
 * Opens a folder.
 * @throws {CommandFailure} when it is not there, is no folder, or lies behind a link that others could have put there
 */
export function openFolder({ root, path, isMaking = false }: WayToFolder): HeldFolder {
  let way = path
  for (let links = 0; links <= linksMax; links += 1) {
    const step = walk({ root, path: way, isMaking })
    if (step instanceof HeldFolder) return step
    way = step.continuedAt
  }
  throw failed(`Cannot open the folder "${path}": more than ${linksMax} links lead there`)
}

/** Opens a folder, or the nearest one above it that is there. @returns it, and the names that are missing below it */
export function openNearest({ root, path }: WayToFolder): {
  readonly folder: HeldFolder
  readonly rest: readonly string[]
} {
  try {
    return { folder: openFolder({ root, path }), rest: [] }
  } catch (error) {
    if (!(error instanceof CommandFailure && error.exitCode === exitMissing)) throw error
    const { folder, rest } = openNearest({ root, path: dirname(path) })
    return { folder, rest: [...rest, basename(path)] }
  }
}

/** Does something synchronous with a folder, and closes it. */
export function withFolder<T>(way: WayToFolder, work: (folder: HeldFolder) => T): T {
  const folder = openFolder(way)
  try {
    return work(folder)
  } finally {
    folder.close()
  }
}

/** Walks from the root until the folder, or the first link. */
function walk({
  root,
  path,
  isMaking,
}: Required<WayToFolder>): HeldFolder | { readonly continuedAt: string } {
  let folder = new HeldFolder({
    descriptor: openSync(`${root}/`, constants.O_RDONLY | constants.O_DIRECTORY),
    path: '/',
  })
  const names = path.split('/').filter((name) => name !== '')
  for (const [index, name] of names.entries()) {
    try {
      const target = linkIn(folder, name)
      if (target !== undefined) {
        const continuedAt = resolve(folder.path, target, ...names.slice(index + 1))
        folder.close()
        return { continuedAt }
      }
      const next = openBelow(folder, { name, isMaking })
      folder.close()
      folder = next
    } catch (error) {
      folder.close()
      throw error
    }
  }
  return folder
}

function openBelow(folder: HeldFolder, { name, isMaking }: { name: string; isMaking: boolean }): HeldFolder {
  const path = resolve(folder.path, name)
  try {
    if (isMaking && folder.entry(name) === undefined) mkdirSync(folder.at(name), 0o755)
    return new HeldFolder({ descriptor: openSync(folder.at(name), folderFlags), path })
  } catch (cause) {
    const code = errorCodeOf(cause)
    if (code === 'ENOENT') throw missing(`Cannot open the folder "${path}": it does not exist`)
    throw failed(`Cannot open the folder "${path}": ${code === 'ENOTDIR' ? 'it is no folder' : code}`)
  }
}

/** Where the link of this name leads; `undefined` when there is none. */
function linkIn(folder: HeldFolder, name: string): string | undefined {
  const entry = folder.entry(name)
  if (entry === undefined || !entry.isSymbolicLink()) return undefined
  if (isTrusted(entry) && isOnlyOwners(folder.stats())) return readlinkSync(folder.at(name))
  throw notAllowed(
    `Cannot follow the link "${resolve(folder.path, name)}": others than root could have put it there; name the place that it leads to`,
  )
}

/** Whether it belongs to somebody who may do everything here anyway. */
export function isTrusted({ uid }: Stats): boolean {
  return uid === 0 || uid === getuid?.()
}

/** Whether a folder is one that nobody but a trusted owner can put things into. */
export function isOnlyOwners(folder: Stats): boolean {
  return isTrusted(folder) && (folder.mode & 0o022) === 0
}
