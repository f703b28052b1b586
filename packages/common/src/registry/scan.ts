/**
 * Reads the command folders into one set: in each name, the first folder wins.
 * Floor 4.
 */
import { readdir } from 'node:fs/promises'
import { SystemError, systemCodeOf } from '../errors.js'
import { commandNameOf } from './command.js'
import type { Command, RefusedFile } from './command.js'
import { inspectIn } from './inspect.js'
import { walk } from './walk.js'

/** All commands of one side at one moment. */
export interface CommandSet {
  /** By name, in alphabetical order. */
  readonly commands: ReadonlyMap<string, Command>
  readonly refused: readonly RefusedFile[]
}

/**
 * Reads the folders.
 * @param folders in search order; one that does not exist holds no commands
 * @throws {SystemError} `command-folder-unreadable`
 */
export async function scanFolders(folders: readonly string[]): Promise<CommandSet> {
  const commands = new Map<string, Command>()
  const refused: RefusedFile[] = []
  const seen = new Set<string>()
  for (const folder of folders) {
    const names = await namesIn(folder)
    const place = walk({ from: '/', path: folder })
    for (const name of names) {
      if (seen.has(name)) continue
      const inspected = await inspectIn(place, { folder, name })
      // Removed since the folder was read: the next folder's file counts.
      if ('missing' in inspected) continue
      seen.add(name)
      if ('command' in inspected) commands.set(name, inspected.command)
      if ('refused' in inspected) refused.push(inspected.refused)
    }
  }
  return { commands: new Map([...commands].sort(([one], [other]) => (one < other ? -1 : 1))), refused }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).map(commandNameOf)
    return names.filter((name) => name !== undefined).sort()
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return []
    throw new SystemError(
      `Cannot read the command folder "${folder}": ${systemCodeOf(cause) ?? 'unknown error'}`,
      {
        code: 'command-folder-unreadable',
        cause,
      },
    )
  }
}
