/**
 * What a guest tells of itself in oVirt's protocol: which command knows it, and the messages that its answer comes to.
 * Floor 6. Pure. Numbers stay numbers, but for `free-ram`, which oVirt has always sent as a text.
 */
import { activeUserSchema } from '../../system/active-user.js'
import { applicationsSchema } from '../../system/applications.js'
import { containersSchema } from '../../system/containers.js'
import { cpusSchema } from '../../system/cpus.js'
import { disksSchema } from '../../system/disks.js'
import { disksUsageSchema } from '../../system/disks-usage.js'
import { hostNameSchema } from '../../system/host-name.js'
import { memoryStatsSchema } from '../../system/memory-stats.js'
import type { MemoryStats } from '../../system/memory-stats.js'
import { networkInterfacesSchema } from '../../system/network-interfaces.js'
import { osInfoSchema } from '../../system/os-info.js'
import { timezoneSchema } from '../../system/timezone.js'
import type { JsonValue } from '../python-json.js'
import type { GuestMessageName } from './api-versions.js'
import type { MessageFields } from './message.js'

/** What is not told, by name; a `*` at the end stands for any end. */
export interface FactFilters {
  readonly ignoredInterfaces: readonly string[]
  readonly ignoredFileSystems: readonly string[]
  /** Which packages are told; the others are nobody's business. */
  readonly applications: readonly string[]
}

/** A message to be sent. */
export interface Fact {
  readonly message: GuestMessageName
  readonly fields: MessageFields
  /** What counts as a change; the fields where it is absent. A disk is a little fuller each second. */
  readonly changesWith?: JsonValue
}

/** Where facts come from. */
export interface FactSource {
  /** Asked with `--json`, all at once. */
  readonly commands: readonly string[]
  /** How often all of it is told. */
  readonly period: 'user' | 'cpus' | 'inventory' | 'disks'
  /** Whether it is cheap enough to be looked at between these times. */
  readonly isWatched: boolean
  /** @throws {ZodError} when the answers are not what the commands promise */
  readonly facts: (answers: readonly unknown[], filters: FactFilters) => readonly Fact[]
  /** What is told where no command knows it. */
  readonly otherwise?: readonly Fact[]
  /** What has happened between two looks. */
  readonly events?: (before: readonly unknown[], now: readonly unknown[]) => readonly GuestMessageName[]
}

/** As the oVirt agent's own configuration has it, and our own packages. */
export const usualFilters: FactFilters = {
  ignoredInterfaces: ['docker0'],
  ignoredFileSystems: ['rootfs', 'tmpfs', 'devtmpfs', 'autofs', 'udev', 'squashfs'],
  applications: [
    ...['kernel', 'linux-image-*', 'negotiator*', 'ovirt-guest-agent*', 'qemu-guest-agent'],
    ...['spice-vdagent', 'xorg-x11-drv-qxl', 'xserver-xorg-video-qxl', 'cloud-init'],
  ],
}

/** All of them, in the order in which the oVirt agent begins. */
export const factSources: readonly FactSource[] = [
  {
    ...{ commands: ['host-name'], period: 'inventory', isWatched: true },
    facts: ([answer]) => {
      const { name, fqdn } = hostNameSchema.parse(answer)
      return [
        { message: 'host-name', fields: { name } },
        { message: 'fqdn', fields: { fqdn: fqdn ?? name } },
      ]
    },
  },
  { ...{ commands: ['os-info'], period: 'inventory', isWatched: true }, facts: systemFacts },
  { ...{ commands: ['network-interfaces'], period: 'inventory', isWatched: true }, facts: networkFacts },
  {
    ...{ commands: ['active-user'], period: 'user', isWatched: false },
    facts: ([answer]) => [
      { message: 'active-user', fields: { name: activeUserSchema.parse(answer).name ?? 'None' } },
    ],
    // Hosts wait for this one to call a guest up.
    otherwise: [{ message: 'active-user', fields: { name: 'None' } }],
    events: sessionEvents,
  },
  { ...{ commands: ['applications'], period: 'inventory', isWatched: false }, facts: packageFacts },
  {
    ...{ commands: ['containers'], period: 'inventory', isWatched: true },
    facts: ([answer]) => {
      const list = containersSchema.parse(answer).containers.map(({ runtime: _runtime, ...told }) => told)
      return [{ message: 'containers', fields: { list } }]
    },
  },
  {
    ...{ commands: ['timezone'], period: 'inventory', isWatched: true },
    facts: ([answer]) => {
      const { name, offsetMinutes, standardOffsetMinutes } = timezoneSchema.parse(answer)
      return [
        {
          message: 'timezone',
          fields: { zone: name ?? '', offset: standardOffsetMinutes ?? offsetMinutes },
        },
      ]
    },
  },
  { ...{ commands: ['disks-usage', 'disks'], period: 'disks', isWatched: true }, facts: diskFacts },
  {
    ...{ commands: ['cpus'], period: 'cpus', isWatched: true },
    facts: ([answer]) => [
      { message: 'number-of-cpus', fields: { count: cpusSchema.parse(answer).onlineCount } },
    ],
  },
]

/** The command behind a heartbeat. */
export const memoryCommand = 'memory-stats'

/** A heartbeat's fields but for the version; sizes in KiB, as oVirt has them, rates a second. */
export function memoryFields(answer: unknown): MessageFields {
  const memory = memoryStatsSchema.parse(answer)
  const freeBytes = memory.freeBytes + memory.buffersBytes + memory.cachedBytes
  return {
    'free-ram': String(Math.floor(freeBytes / 1024 / 1024)),
    'memory-stat': memoryStat(memory, freeBytes),
  }
}

function memoryStat(memory: MemoryStats, freeBytes: number): JsonValue {
  return {
    mem_total: kibibytes(memory.totalBytes),
    mem_free: kibibytes(freeBytes),
    mem_unused: kibibytes(memory.freeBytes),
    mem_buffers: kibibytes(memory.buffersBytes),
    mem_cached: kibibytes(memory.cachedBytes),
    swap_in: Math.round(memory.swapInPagesPerSecond),
    swap_out: Math.round(memory.swapOutPagesPerSecond),
    swap_usage: kibibytes(memory.swapTotalBytes - memory.swapFreeBytes),
    swap_total: kibibytes(memory.swapTotalBytes),
    pageflt: Math.round(memory.pageFaultsPerSecond),
    majflt: Math.round(memory.majorPageFaultsPerSecond),
  }
}

function sessionEvents(
  [earlier]: readonly unknown[],
  [later]: readonly unknown[],
): readonly GuestMessageName[] {
  const [before, now] = [activeUserSchema.parse(earlier), activeUserSchema.parse(later)]
  if (before.name !== now.name) return [now.name === null ? 'session-logoff' : 'session-logon']
  if (before.isLocked === null || now.isLocked === null || before.isLocked === now.isLocked) return []
  return [now.isLocked ? 'session-lock' : 'session-unlock']
}

function systemFacts([answer]: readonly unknown[]): readonly Fact[] {
  const { distribution, version, codename, architecture, type, kernel } = osInfoSchema.parse(answer)
  const named = { distribution: distribution ?? '', version: version ?? '', codename: codename ?? '' }
  return [
    { message: 'os-version', fields: { version: kernel } },
    { message: 'os-info', fields: { ...named, arch: architecture, type, kernel } },
  ]
}

function networkFacts([answer]: readonly unknown[], { ignoredInterfaces }: FactFilters): readonly Fact[] {
  const told = networkInterfacesSchema
    .parse(answer)
    .interfaces.filter(({ isUp, isLoopback }) => isUp && !isLoopback)
    .filter(({ name }) => !isNamed(ignoredInterfaces, name))
  const interfaces = told.map(({ name, mac, ipv4, ipv6 }) => ({
    ...{ name, inet: ipv4.map(withoutLength), inet6: ipv6.map(withoutLength), hw: mac ?? '' },
  }))
  return [{ message: 'network-interfaces', fields: { interfaces } }]
}

function packageFacts([answer]: readonly unknown[], filters: FactFilters): readonly Fact[] {
  const applications = applicationsSchema
    .parse(answer)
    .applications.filter(({ name }) => isNamed(filters.applications, name))
    .map(({ name, version }) => `${name}-${version}`)
  return [{ message: 'applications', fields: { applications } }]
}

function diskFacts([usage, devices]: readonly unknown[], filters: FactFilters): readonly Fact[] {
  const disks = disksUsageSchema
    .parse(usage)
    .fileSystems.filter(
      ({ fileSystem, totalBytes }) => totalBytes > 0 && !isNamed(filters.ignoredFileSystems, fileSystem),
    )
    .map(({ path, totalBytes, usedBytes, fileSystem }) => ({
      ...{ path, total: totalBytes, used: usedBytes, fs: fileSystem },
    }))
  const mapping = Object.fromEntries(
    disksSchema
      .parse(devices)
      .disks.filter(({ kind }) => kind === 'disk')
      .flatMap(({ serial, path }) => (serial === null ? [] : [[serial, { name: path }] as const])),
  )
  const mounted = disks.map(({ path, total, fs }) => ({ path, total, fs }))
  return [{ message: 'disks-usage', fields: { disks, mapping }, changesWith: { mounted, mapping } }]
}

function isNamed(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}

function withoutLength(address: string): string {
  return address.replace(/\/\d+$/, '')
}

function kibibytes(byteCount: number): number {
  return Math.floor(byteCount / 1024)
}
