/**
 * What appmonitor's `get_infomation` tells, made of what the system commands answer.
 * Floor 6. Pure. Names, shapes and units are the old agent's, oddities included, for programs were written for them.
 */
import { PeerError } from '../../errors.js'
import { integerIn, objectFrom, textIn, textListIn } from '../../wire/fields.js'
import type { Fields } from '../../wire/fields.js'
import type { JsonValue } from '../python-json.js'

/** One thing that can be asked for. */
export interface Topic {
  /** The command that knows it; it is asked for JSON. */
  readonly command: string
  /** Makes the old shape of its answer. @throws {PeerError} when the command answered something else */
  readonly shape: (answer: Fields) => JsonValue
}

/** All of them by the old names. */
export const topics: ReadonlyMap<string, Topic> = new Map<string, Topic>([
  ['os_info', { command: 'os-info', shape: osInfo }],
  ['machine_name', { command: 'host-name', shape: ({ fqdn, name }) => textOf(fqdn) || textOf(name) }],
  ['os_version', { command: 'os-info', shape: (answer) => textIn(answer, 'kernel') }],
  ['all_network_interfaces', { command: 'network-interfaces', shape: networkInterfaces }],
  ['available_ram', { command: 'memory', shape: availableRam }],
  ['users', { command: 'users', shape: userNames }],
  // It looked for whoever is logged in, too, and not for who sits at the screen.
  ['active_user', { command: 'users', shape: userNames }],
  ['disks_usage', { command: 'disks-usage', shape: disksUsage }],
  ['memory_stats', { command: 'memory-stats', shape: memoryStats }],
])

/** `version` is the distribution and `distribution` its version: the old agent had them the wrong way round. */
function osInfo(answer: Fields): JsonValue {
  return {
    kernel: textIn(answer, 'kernel'),
    type: textIn(answer, 'type'),
    version: textOf(answer['distribution']),
    distribution: textOf(answer['version']),
    arch: textOf(answer['architecture']),
    codename: textOf(answer['codename']),
  }
}

function networkInterfaces(answer: Fields): JsonValue {
  return listIn(answer, 'interfaces').map(networkInterface)
}

/** What an interface does not have is missing, as it was. Of its IPv6 addresses the old shape has room for one. */
function networkInterface(found: Fields): JsonValue {
  const isLoopback = found['isLoopback'] === true
  const mac = textOf(found['mac'])
  const [ipv4, ipv6] = [textListIn(found, 'ipv4'), textListIn(found, 'ipv6')]
  const [inet6, ...others] = ipv6
  return {
    name: textIn(found, 'name'),
    attr: [...(isLoopback ? ['LOOPBACK'] : []), ...(found['isUp'] === true ? ['UP'] : [])].join(','),
    ...(mac !== '' && !isLoopback && { mac }),
    ...(ipv4.length > 0 && { inet4: ipv4 }),
    ...(inet6 !== undefined && { inet6 }),
    // The others got lost in the old agent.
    ...(others.length > 0 && { inet6_others: others }),
  }
}

/** In MiB, as a text. */
function availableRam(answer: Fields): JsonValue {
  return `${Math.floor(unusedBytes(answer) / (1024 * 1024))}`
}

/** In KiB, and numbers of pages per second. */
function memoryStats(answer: Fields): JsonValue {
  const kibibytes = (name: string): number => Math.floor(integerIn(answer, name) / 1024)
  return {
    mem_total: kibibytes('totalBytes'),
    mem_free: Math.floor(unusedBytes(answer) / 1024),
    mem_unused: kibibytes('freeBytes'),
    mem_buffers: kibibytes('buffersBytes'),
    mem_cached: kibibytes('cachedBytes'),
    swap_in: rateIn(answer, 'swapInPagesPerSecond'),
    swap_out: rateIn(answer, 'swapOutPagesPerSecond'),
    swap_usage: kibibytes('swapTotalBytes') - kibibytes('swapFreeBytes'),
    swap_total: kibibytes('swapTotalBytes'),
    pageflt: rateIn(answer, 'pageFaultsPerSecond'),
    majflt: rateIn(answer, 'majorPageFaultsPerSecond'),
  }
}

/** What the old agent called free: the kernel's buffers and caches, too. */
function unusedBytes(answer: Fields): number {
  return integerIn(answer, 'freeBytes') + integerIn(answer, 'buffersBytes') + integerIn(answer, 'cachedBytes')
}

function disksUsage(answer: Fields): JsonValue {
  return listIn(answer, 'fileSystems').map((found) => ({
    path: textIn(found, 'path'),
    fs: textIn(found, 'fileSystem'),
    total: integerIn(found, 'totalBytes'),
    used: integerIn(found, 'usedBytes'),
  }))
}

/** Everybody once, with blanks between them. */
function userNames(answer: Fields): JsonValue {
  const names = listIn(answer, 'users').map((login) => textIn(login, 'name'))
  return [...new Set(names)].sort().join(' ')
}

function listIn(answer: Fields, name: string): readonly Fields[] {
  const list = answer[name]
  if (Array.isArray(list)) return list.map((item) => objectFrom(item, name))
  throw new PeerError(`Cannot read a message: "${name}" is not an array`, { code: 'bad-message' })
}

function rateIn(answer: Fields, name: string): number {
  return Math.floor(Number(answer[name] ?? 0))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
