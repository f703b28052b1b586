/**
 * The configuration file: TOML, each setting optional, each known by a table.
 * Floor 7. A setting that is unknown or has the wrong shape stops the program with file, line and the nearest valid key.
 */
import { readFile } from 'node:fs/promises'
import { parse, stringify, TomlError } from 'smol-toml'
import { SystemError, systemCodeOf, UsageError } from '../errors.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { didYouMean } from '../nearest.js'
import { settings } from './config-settings.js'
import type { Config, Key } from './config-settings.js'
import { isTableList, readMounts } from './mounts/read-mounts.js'
import { pathsBelow } from './paths.js'
import type { Side } from './paths.js'

/** Where a configuration comes from. */
export interface ConfigSource {
  readonly side: Side
  readonly root: string
  /** The file named on the command line; it must exist then. */
  readonly file?: string | undefined
}

/**
 * Reads the configuration.
 * @throws {UsageError} `bad-config`, naming file, line and the nearest valid key; {@link SystemError} `config-unreadable`
 */
export async function loadConfig({ side, root, file }: ConfigSource): Promise<Config> {
  const paths = pathsBelow(root, side)
  const defaults: Config = {
    'log-level': 'info',
    'control-socket': paths.controlSocket,
    'command-folders': [paths.commands],
    'state-folder': paths.state,
    'policy-folder': paths.policy,
    'hooks-folder': paths.hooks,
    'extras-folder': paths.extras,
    'audit-file': paths.auditFile,
    'metrics-listen': '',
    drivers: side === 'host' ? ['auto'] : [],
    'channel-folder': '',
    'host-to-guest-device': '',
    'guest-to-host-device': '',
    'heartbeat-interval-seconds': heartbeatIntervalMs / 1000,
    'heartbeat-dead-seconds': heartbeatDeadMs / 1000,
    dialects: [],
  }
  const path = file ?? paths.config
  const text = await readText(path, { isRequired: file !== undefined })
  const config = { ...defaults, ...checked(parseToml(text, path), { text, path, side }) }
  if (config['heartbeat-dead-seconds'] <= config['heartbeat-interval-seconds']) {
    throw new UsageError(
      `Cannot use "${path}": "heartbeat-dead-seconds" (${config['heartbeat-dead-seconds']}) must be more than ` +
        `"heartbeat-interval-seconds" (${config['heartbeat-interval-seconds']})`,
      { code: 'bad-config' },
    )
  }
  return config
}

/** The configuration as the TOML that would give it. */
export function configToml(config: Config, side: Side): string {
  return stringify(
    Object.fromEntries(
      Object.entries(config).filter(([key]) => isKey(key) && settings[key].sides.includes(side)),
    ),
  )
}

async function readText(path: string, { isRequired }: { isRequired: boolean }): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT' && !isRequired) return ''
    const why =
      systemCodeOf(cause) === 'ENOENT' ? 'it does not exist' : (systemCodeOf(cause) ?? 'unknown error')
    throw new SystemError(`Cannot read the configuration "${path}": ${why}`, {
      code: 'config-unreadable',
      cause,
    })
  }
}

function parseToml(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const what = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'it is not TOML'
    throw new UsageError(`Cannot read the configuration "${path}", line ${cause.line}: ${what}`, {
      code: 'bad-config',
      cause,
    })
  }
}

function checked(
  table: Readonly<Record<string, unknown>>,
  { text, path, side }: { text: string; path: string; side: Side },
): Partial<Config> {
  const known = Object.keys(settings).filter((key) => isKey(key) && settings[key].sides.includes(side))
  for (const [key, value] of Object.entries(table)) {
    const place = `Cannot use "${key}" in "${path}", line ${lineOf(key, text)}`
    if (!isKey(key) || !known.includes(key)) {
      const hint = didYouMean(key, known) || `; the settings are ${known.join(', ')}`
      throw new UsageError(`${place}: there is no such setting${hint}`, { code: 'bad-config' })
    }
    if (!settings[key].check(value)) {
      throw new UsageError(`${place}: it is ${shown(value)}, wanted ${settings[key].wanted}`, {
        code: 'bad-config',
      })
    }
  }
  return { ...table, ...checkedMounts(table['dialects'], { text, path, side }) }
}

function checkedMounts(
  tables: unknown,
  { text, path, side }: { text: string; path: string; side: Side },
): Pick<Config, 'dialects'> | undefined {
  if (!isTableList(tables)) return undefined
  const read = readMounts(tables, side)
  if ('mounts' in read) return { dialects: read.mounts }
  const { table, key, complaint } = read
  const name = `table ${table + 1} of [[dialects]]`
  const what = key === undefined ? name : `"${key}" of ${name}`
  const line = lineInTable(text, { header: 'dialects', table, key })
  throw new UsageError(`Cannot use ${what} in "${path}", line ${line}: ${complaint}`, { code: 'bad-config' })
}

/** JSON, but for what it has no word for: TOML has `nan` and `inf`. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(',')}]`
  if (typeof value !== 'number' || Number.isFinite(value)) return JSON.stringify(value)
  return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
}

function isKey(key: string): key is Key {
  return key in settings
}

/** The parser gives no positions, so the line is looked up: the first that begins with the key, or opens its table. */
function lineOf(key: string, text: string): number {
  return text.split('\n').findIndex((line) => beginningWith(key).test(line)) + 1
}

/** The line of a key in one of several tables of a name; the table's first where it has none of its own. */
function lineInTable(
  text: string,
  { header, table, key }: { header: string; table: number; key: string | undefined },
): number {
  const lines = text.split('\n')
  const isHeader = (line: string): boolean => beginningWith(header).test(line)
  const headers = lines.flatMap((line, index) => (isHeader(line) && line.includes('[[') ? [index] : []))
  const start = headers[table] ?? lines.findIndex(isHeader)
  const end = headers[table + 1] ?? lines.length
  const at =
    key === undefined ? -1 : lines.slice(start, end).findIndex((line) => beginningWith(key).test(line))
  return start + Math.max(at, 0) + 1
}

function beginningWith(key: string): RegExp {
  return new RegExp(`^\\s*\\[*\\s*["']?${key.replace(/[^\w-]/g, '\\$&')}["']?\\s*[=.\\]]`)
}
