/**
 * Reads a command's settings: all of them are good, or none is used.
 * Floor 4. A command never runs with half of its settings, so whoever finds these bad refuses the command.
 */
import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { settingsBytesMax } from '../limits.js'
import { didYouMean } from '../nearest.js'
import type { CommandKind } from './command.js'
import { settingsTable } from './settings-table.js'
import { parseSettingsText, placeOf, shown } from './settings-text.js'
import type { CommandSettings } from './settings.js'
import type { Walked } from './walk.js'

/** The settings, or what is wrong with them, such as `line 3: there is no setting "timout"; did you mean "timeout"?`. */
export type ReadSettings = { readonly settings: CommandSettings } | { readonly reason: string }

interface SettingsFile {
  readonly file: Walked
  readonly kind: CommandKind
}

interface SettingsText {
  readonly text: string
  /** What the settings are for: not every kind of command can have each of them. */
  readonly kind: CommandKind
}

/** Reads a file that may be used. */
export function readSettings({ file, kind }: SettingsFile): ReadSettings {
  const read = readSettingsText(file)
  return 'reason' in read ? read : parseSettings({ text: read.text, kind })
}

/** The text of a file that may be used. */
export function readSettingsText(file: Walked): { readonly text: string } | { readonly reason: string } {
  if (file.stats.size > settingsBytesMax)
    return { reason: `the file is larger than ${settingsBytesMax} bytes` }
  const bytes = readFileSync(file.path)
  return isUtf8(bytes) ? { text: bytes.toString() } : { reason: 'the file is not UTF-8' }
}

/** Reads a file's text. */
export function parseSettings({ text, kind }: SettingsText): ReadSettings {
  const table = parseSettingsText(text)
  if ('fault' in table) return { reason: table.fault }
  let settings: CommandSettings = {}
  for (const [key, value] of Object.entries(table.entries)) {
    const read = readSetting({ key, value, kind, text })
    if ('reason' in read) return read
    settings = { ...settings, ...read.settings }
  }
  return together(settings, table.entries)
}

interface Entry extends SettingsText {
  readonly key: string
  readonly value: unknown
}

function readSetting({ key, value, kind, text }: Entry): ReadSettings {
  const setting = settingsTable.get(key)
  const at = (entry = key): string => placeOf({ key, entry, text })
  if (setting === undefined) {
    const hint = didYouMean(key.slice(0, 64), settingsTable.keys()) || '; commands/README.md lists them'
    return { reason: `${at()}there is no setting "${shown(key)}"${hint}` }
  }
  if (!setting.kinds.includes(kind)) return { reason: `${at()}"${key}" cannot be set for ${words[kind]}` }
  const read = setting.read(value)
  return 'bad' in read ? { reason: `${at(read.entry)}"${key}" ${read.bad}` } : { settings: read }
}

const words: Readonly<Record<CommandKind, string>> = {
  executable: 'an executable',
  module: 'a module, which has no process of its own',
  socket: 'a socket, whose service somebody else has started',
}

/** What settings mean to each other. */
function together(settings: CommandSettings, entries: Readonly<Record<string, unknown>>): ReadSettings {
  const { args, whenFull, concurrentMax, worker, memoryBytesMax } = settings
  if (whenFull !== undefined && concurrentMax === undefined)
    return { reason: '"when-full" says nothing without "max-concurrent"; set that, too' }
  if (worker !== undefined && memoryBytesMax !== undefined)
    return { reason: '"max-memory" cannot be set with "worker", whose memory is everybody\'s; leave one out' }
  if (entries['more-args'] !== true) return { settings }
  if (args === undefined || args.patterns.length === 0)
    return { reason: '"more-args" wants a pattern in "args", which the further arguments match' }
  return { settings: { ...settings, args: { ...args, isLastRepeated: true } } }
}
