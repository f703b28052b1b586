/**
 * The shipped commands of a program that is one file: it carries them inside, and unpacks them when a daemon starts.
 * Floor 7.
 */
import { join } from 'node:path'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { Config } from './config-settings.js'
import type { Side } from './paths.js'
import { sha256Of, unpackFiles } from './unpack.js'

/** Script texts by folder, in search order, and by name. */
export type CarriedCommands = Readonly<Record<string, Readonly<Record<string, string>>>>

interface UnpackOptions {
  readonly side: Side
  readonly commands: CarriedCommands
  readonly config: Config
  readonly log: Log
}

/**
 * Unpacks the commands below the state folder. When that cannot be, the log says so, and there are no shipped
 * commands: the administrator's own are more important.
 * @returns the folders with the commands
 */
export async function unpackCommands({
  side,
  commands,
  config,
  log,
}: UnpackOptions): Promise<readonly string[]> {
  const home = join(config['state-folder'], 'shipped-commands', side)
  const folders: string[] = []
  for (const [name, texts] of Object.entries(commands)) {
    const folder = join(home, name)
    const files = Object.entries(texts).map(([name, text]) => ({
      name,
      content: () => text,
      sha256: sha256Of(text),
      mode: 0o755,
    }))
    try {
      await unpackFiles({ folder, files })
      folders.push(folder)
    } catch (error) {
      log.warn('Cannot unpack the shipped commands, so they cannot be called', { reason: sentenceOf(error) })
    }
  }
  return folders
}
