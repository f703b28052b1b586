/**
 * The `[[dialects]]` tables of a configuration: which dialect is spoken where.
 * Floor 7. Pure. What is unknown or has the wrong shape is told with table, line and the nearest valid word.
 */
import { isAbsolute } from 'node:path'
import { channelNames } from '../../discovery/channel-names.js'
import { didYouMean } from '../../nearest.js'
import type { Side } from '../paths.js'
import { dialectKinds, exchangeKinds } from './built-in.js'
import type { ExchangeKind } from './built-in.js'
import { exchangeKindOf } from './exchange-kind.js'
import type { MountSettings } from './mount-settings.js'

/** What is wrong: where, and the end of a sentence. */
export interface MountFault {
  /** From 0 on. */
  readonly table: number
  /** The setting, when it is one. */
  readonly key: string | undefined
  readonly complaint: string
}

type Table = Readonly<Record<string, unknown>>

/** The exchange where a table names none. */
const defaultExchange = 'lines'

const keys = ['dialect', 'exchange', 'channel', 'path', 'options'] as const

/** Reads the tables of a configuration. @returns them, or the first fault */
export function readMounts(
  tables: readonly Table[],
  side: Side,
): { readonly mounts: readonly MountSettings[] } | MountFault {
  const mounts: MountSettings[] = []
  for (const [index, table] of tables.entries()) {
    const read = readMount(table, side)
    if ('complaint' in read) return { ...read, table: index }
    const twin = mounts.findIndex(({ channel, path }) => channel === read.channel && path === read.path)
    if (twin >= 0)
      return { table: index, key: undefined, complaint: `it leads to where the table ${twin + 1} leads` }
    mounts.push(read)
  }
  return { mounts }
}

/** Whether a value is a list of tables. */
export function isTableList(value: unknown): value is readonly Table[] {
  return Array.isArray(value) && value.every((item) => isTable(item))
}

type Complaint = Omit<MountFault, 'table'>

function readMount(table: Table, side: Side): MountSettings | Complaint {
  const unknown = Object.keys(table).find((key) => !keys.some((known) => known === key))
  if (unknown !== undefined) return noSuchKey(unknown)
  const { dialect, exchange = defaultExchange, channel, path, options } = table
  if (dialect === undefined)
    return { key: undefined, complaint: `it has no "dialect"; wanted ${wantedDialect()}` }
  if (typeof dialect !== 'string' || !isDialect(dialect)) return notOneOf('dialect', dialect)
  const kind = typeof exchange === 'string' ? exchangeKindOf(exchange) : undefined
  if (typeof exchange !== 'string' || kind === undefined) return notOneOf('exchange', exchange)
  if (!isOptional(channel, isChannel)) return wrong('channel', channel)
  if (!isOptional(path, isPathOf(side))) return wrong(side === 'host' ? 'host-path' : 'path', path)
  if (!isOptional(options, isTable)) return wrong('options', options)
  const mount = { dialect, exchange, channel, path, options }
  return misplaced(mount, { kind, side }) ?? mount
}

function misplaced(
  mount: MountSettings,
  { kind, side }: { kind: ExchangeKind; side: Side },
): Complaint | undefined {
  const places = kind.places[side]
  if (places.length === 0) return { key: 'exchange', complaint: `a ${side} has no "${mount.exchange}"` }
  const given = (['channel', 'path'] as const).filter((key) => mount[key] !== undefined)
  const odd = given.find((key) => !places.includes(key))
  const on = `the exchange "${mount.exchange}" on a ${side}`
  if (odd !== undefined)
    return { key: odd, complaint: `${on} has none; wanted ${places.map((key) => `"${key}"`).join(' or ')}` }
  if (given.length === 1) return undefined
  const wanted = places.map((key) => `"${key}"`).join(' or ')
  return { key: undefined, complaint: `${on} needs ${wanted}${places.length > 1 ? ', one of them' : ''}` }
}

function noSuchKey(key: string): Complaint {
  return {
    key,
    complaint: `there is no such setting${didYouMean(key, keys) || `; the settings are ${keys.join(', ')}`}`,
  }
}

function notOneOf(key: 'dialect' | 'exchange', value: unknown): Complaint {
  const names = [...(key === 'dialect' ? dialectKinds : exchangeKinds).keys()]
  const hint = typeof value === 'string' ? didYouMean(value, names) : ''
  return { key, complaint: `it is ${JSON.stringify(value)}, wanted ${oneOf(names)}${hint}` }
}

function wantedDialect(): string {
  return oneOf([...dialectKinds.keys()])
}

function oneOf(names: readonly string[]): string {
  return `one of ${names.join(', ')}, or the path of a module in quotes`
}

const wants = {
  channel: 'the name of a virtio port in quotes, other than our own two, e.g. "com.example.agent.0"',
  path: 'a path in quotes that begins with "/"',
  'host-path':
    'a path in quotes that begins with "/" and has {guest} or {uuid} in it, e.g. "/run/guests/{guest}.sock"',
  options: 'a table, e.g. { timeout-seconds = 30 }',
} as const

function wrong(what: keyof typeof wants, value: unknown): Complaint {
  const key = what === 'host-path' ? 'path' : what
  return { key, complaint: `it is ${JSON.stringify(value)}, wanted ${wants[what]}` }
}

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value)
}

function isDialect(name: string): boolean {
  return dialectKinds.has(name) || isAbsolute(name)
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** A name with a slash in it would be looked up elsewhere where channels are sockets in a folder. */
function isChannel(value: unknown): value is string {
  if (typeof value !== 'string' || channelNames.some((own) => own === value)) return false
  return /^[\w.:-]+$/.test(value) && !value.startsWith('.')
}

function isPathOf(side: Side): (value: unknown) => value is string {
  return (value): value is string =>
    typeof value === 'string' && isAbsolute(value) && (side === 'guest' || /\{(?:guest|uuid)\}/.test(value))
}
