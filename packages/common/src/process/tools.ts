/**
 * Finds the programs of the machine that a command is started with, such as setpriv.
 * Floor 4. Looked for at each use, for they may be installed while the daemon runs; never in a folder that others may choose.
 */
import { accessSync, constants, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Where the system keeps them. */
export const systemToolFolders: readonly string[] = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** A tool's path, whoever made it. */
export function findTool(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** A tool's path, unless it is busybox's: busybox's setpriv cannot change users. */
export function findFullTool(name: string, folders: readonly string[]): string | undefined {
  const path = findTool(name, folders)
  return path === undefined || basename(realpathSync(path)) === 'busybox' ? undefined : path
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
