/**
 * What a command is, and which names are one.
 * Floor 4.
 */
import { commandNameLengthMax } from '../limits.js'
import type { CommandSettings } from './settings.js'

/** How a command is run. Executables now; a module runs in a worker, a socket is a long-running service. */
export type CommandKind = 'executable' | 'module' | 'socket'

/** A command that may be run. */
export interface Command {
  readonly name: string
  readonly kind: CommandKind
  /** The real file, links followed. */
  readonly path: string
  readonly settings: CommandSettings
}

/** A file in a command folder that will not be run, and why. */
export interface RefusedFile {
  readonly name: string
  readonly path: string
  readonly reason: string
  /** What must be mended, when it is not the file itself: its settings, a folder or a link on the way to it. */
  readonly culprit?: string | undefined
}

/** What stands behind a command's name in the name of its settings' file. */
export const settingsEnding = '.toml'

/** What stands behind a module's name in the name of its file. */
export const moduleEnding = '.mjs'

const namePattern = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${commandNameLengthMax - 1}}$`)

/** Whether a text can name a command at all. Anything else is never looked up, so no path ever hides in a name. */
export function isCommandName(text: string): boolean {
  return namePattern.test(text) && !text.endsWith(settingsEnding) && !text.endsWith(moduleEnding)
}

/** The name that a file in a command folder is called by; `undefined` when it is no command. */
export function commandNameOf(fileName: string): string | undefined {
  const name = fileName.endsWith(moduleEnding) ? fileName.slice(0, -moduleEnding.length) : fileName
  return isCommandName(name) ? name : undefined
}
