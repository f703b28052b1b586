/**
 * Looks at one file in a command folder: may it be run?
 * Floor 4. Reasons are told to the caller, so they name no path. Doubt refuses: whoever can write the file, or its folder, decides what runs as the daemon.
 */
import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { access, lstat, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import type { Command, RefusedFile } from './command.js'

/** One of the two, or nothing when there is no such file. */
export type Inspected =
  | { readonly command: Command }
  | { readonly refused: RefusedFile }
  | { readonly missing: true }

/**
 * Looks at a file, following links to the real one.
 * @param file the command `folder` and the file's `name` in it
 */
export async function inspectFile({ folder, name }: { folder: string; name: string }): Promise<Inspected> {
  const path = join(folder, name)
  try {
    const real = await realpath(path)
    const reason = await whyNot({ path: real, folder })
    return reason === undefined
      ? { command: { name, kind: 'executable', path: real, settings: {} } }
      : { refused: { name, path, reason } }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return await whenAbsent({ path, name })
    return {
      refused: { name, path, reason: `it cannot be looked at: ${systemCodeOf(error) ?? 'unknown error'}` },
    }
  }
}

/** A link that leads nowhere stands for its name all the same: whoever put it there did not mean the next folder's command. */
async function whenAbsent({ path, name }: { path: string; name: string }): Promise<Inspected> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  )
  return isThere ? { refused: { name, path, reason: 'it is a link that leads nowhere' } } : { missing: true }
}

async function whyNot({ path, folder }: { path: string; folder: string }): Promise<string | undefined> {
  const file = await stat(path)
  if (!file.isFile()) return 'it is not a regular file'
  const unsafe = whyUnsafe(file, 'file') ?? (await whyFoldersUnsafe(new Set([folder, dirname(path)])))
  if (unsafe !== undefined) return unsafe
  return (await isExecutable(path)) ? undefined : 'it is not executable; chmod +x it'
}

async function whyFoldersUnsafe(folders: ReadonlySet<string>): Promise<string | undefined> {
  for (const folder of folders) {
    const reason = whyUnsafe(await stat(folder), 'folder')
    if (reason !== undefined) return reason
  }
  return undefined
}

const othersMayWrite = constants.S_IWGRP | constants.S_IWOTH

function whyUnsafe(stats: Stats, what: string): string | undefined {
  if ((stats.mode & othersMayWrite) !== 0)
    return `its ${what} may be written by others than its owner; chmod go-w it`
  const ours = process.geteuid?.()
  if (stats.uid === 0 || stats.uid === ours) return undefined
  return `its ${what} is owned by user ${stats.uid}, neither root nor the user that the daemon runs as; chown it to root`
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false // The one question was whether it may be executed.
  }
}
