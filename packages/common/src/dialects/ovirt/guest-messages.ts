/**
 * What guests say in oVirt's protocol, checked, and what of a host's picture each message paints anew.
 * Floor 6. Pure. Agents of many ages and systems talk here: numbers come as texts, fields are missing, and some lie.
 */
import * as z from 'zod/mini'
import type { ZodMiniType } from 'zod/mini'
import { ovirtEntriesMax, ovirtTextLengthMax } from './ovirt-limits.js'
import type { GuestMessageName } from './api-versions.js'
import type { Picture } from './picture.js'

const text = as(z.string(), (value) => value.slice(0, ovirtTextLengthMax))

const textOrEmpty = as(z.nullish(text), (value) => value ?? '')

/** A number, or a text of one: agents on Windows write such. */
const number = as(z.union([z.number(), z.string().check(z.regex(/^-?\d{1,20}(?:\.\d{1,20})?$/))]), (value) =>
  Number(value),
)

const count = as(number, (value) => Math.max(0, Math.round(value)))

const kibibytes = as(count, (value) => value * 1024)

const optional = <Value>(type: ZodMiniType<Value>): ZodMiniType<Value | undefined> =>
  as(z.nullish(type), (value) => value ?? undefined)

const interfaces = listOf(
  as(
    z.object({ name: text, inet: orNone(text), inet6: orNone(text), hw: textOrEmpty }),
    ({ name, inet, inet6, hw }) => ({ name, mac: hw, ipv4: inet, ipv6: inet6 }),
  ),
)

const containers = listOf(
  z.object({ id: text, names: orNone(text), image: textOrEmpty, command: textOrEmpty, status: textOrEmpty }),
)

const disks = listOf(
  as(z.object({ path: text, fs: textOrEmpty, total: count, used: count }), ({ path, fs, total, used }) => ({
    ...{ path, fileSystem: fs, totalBytes: total, usedBytes: used },
  })),
)

const diskMapping = as(z.record(z.string(), z.object({ name: text })), (mapping) =>
  Object.fromEntries(
    Object.entries(mapping)
      .slice(0, ovirtEntriesMax)
      .map(([serial, { name }]) => [serial.slice(0, ovirtTextLengthMax), name]),
  ),
)

const memoryStat = as(
  z.object({
    mem_free: optional(kibibytes),
    mem_total: optional(kibibytes),
    mem_unused: optional(kibibytes),
    mem_buffers: optional(kibibytes),
    mem_cached: optional(kibibytes),
    swap_total: optional(kibibytes),
    swap_usage: optional(kibibytes),
    swap_in: optional(count),
    swap_out: optional(count),
    pageflt: optional(count),
    majflt: optional(count),
  }),
  (stat) => ({
    freeBytes: stat.mem_free ?? 0,
    totalBytes: stat.mem_total,
    unusedBytes: stat.mem_unused,
    buffersBytes: stat.mem_buffers,
    cachedBytes: stat.mem_cached,
    swapTotalBytes: stat.swap_total,
    swapUsedBytes: stat.swap_usage,
    swapInPagesPerSecond: stat.swap_in,
    swapOutPagesPerSecond: stat.swap_out,
    pageFaultsPerSecond: stat.pageflt,
    majorPageFaultsPerSecond: stat.majflt,
  }),
)

type Painter = ZodMiniType<Picture>

/** Each message's part of the picture. Those that paint nothing are a host's to answer or to pass on. */
const painters: ReadonlyMap<string, Painter> = new Map<string, Painter>(
  Object.entries({
    'host-name': as(z.object({ name: text }), ({ name }) => ({ hostName: name })),
    fqdn: as(z.object({ fqdn: text }), ({ fqdn }) => ({ fqdn })),
    'os-version': as(z.object({ version: text }), ({ version }) => ({ osVersion: version })),
    'network-interfaces': as(z.object({ interfaces }), (message) => message),
    applications: as(z.object({ applications: listOf(text) }), (message) => message),
    'active-user': as(z.object({ name: textOrEmpty }), ({ name }) => ({
      activeUser: name === 'None' || name === '' ? null : name,
    })),
    'disks-usage': as(z.object({ disks, mapping: z.optional(diskMapping) }), (message) => ({
      disks: message.disks,
      diskMapping: message.mapping ?? {},
    })),
    'memory-stats': as(z.object({ memory: memoryStat }), (message) => message),
    heartbeat: as(
      z.object({ 'free-ram': count, 'memory-stat': z.optional(memoryStat) }),
      ({ 'free-ram': freeMebibytes, 'memory-stat': stat }) => ({
        memory: { ...stat, freeBytes: stat?.freeBytes || freeMebibytes * 1024 * 1024 },
      }),
    ),
    echo: nothing(),
    'number-of-cpus': as(z.object({ count: number }), (message) => ({
      cpuCount: message.count > 0 ? Math.round(message.count) : null,
    })),
    timezone: as(z.object({ zone: textOrEmpty, offset: number }), ({ zone, offset }) => ({
      timezone: { zone, offsetMinutes: offset },
    })),
    'os-info': as(
      z.object({
        ...{ type: textOrEmpty, distribution: textOrEmpty, version: textOrEmpty, codename: textOrEmpty },
        ...{ arch: textOrEmpty, kernel: textOrEmpty },
      }),
      ({ arch, ...rest }) => ({ system: { ...rest, architecture: arch } }),
    ),
    containers: as(z.object({ list: containers }), ({ list }) => ({ containers: list })),
    completion: nothing(),
    'session-startup': nothing(),
    'session-shutdown': nothing(),
    'session-logon': constant({ session: 'logged-on' }),
    'session-logoff': constant({ session: 'logged-off' }),
    'session-lock': constant({ session: 'locked' }),
    'session-unlock': constant({ session: 'unlocked' }),
    uninstalled: constant({ applications: [] }),
  } satisfies Record<GuestMessageName, Painter>),
)

/** What came of a message. */
export type Painted =
  | { readonly kind: 'part'; readonly part: Picture }
  /** `reason` names fields and shows no values. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Checks a message and reads what it paints. */
export function paint(name: string, fields: unknown): Painted {
  const painter = painters.get(name)
  if (painter === undefined) return { kind: 'refused', reason: 'no such message is known' }
  const read = painter.safeParse(fields)
  if (read.success) return { kind: 'part', part: read.data }
  const places = read.error.issues.slice(0, 3).map(({ path }) => path.join('.').slice(0, 100))
  return { kind: 'refused', reason: `wrong or missing: ${places.join(', ')}` }
}

function as<From, To>(type: ZodMiniType<From>, make: (value: From) => To): ZodMiniType<To> {
  return z.pipe(type, z.transform(make))
}

function listOf<Item>(item: ZodMiniType<Item>): ZodMiniType<readonly Item[]> {
  return as(z.array(item), (items) => items.slice(0, ovirtEntriesMax))
}

function orNone<Item>(item: ZodMiniType<Item>): ZodMiniType<readonly Item[]> {
  return as(z.nullish(listOf(item)), (items) => items ?? [])
}

function nothing(): Painter {
  return constant({})
}

function constant(part: Picture): Painter {
  return as(z.unknown(), () => part)
}
