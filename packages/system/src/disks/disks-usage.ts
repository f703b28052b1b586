/**
 * `disks-usage`: how full the file systems are. Those that another machine serves are never asked: one that does not answer would hold
 * a thread of the daemon for good, as statfs(2) cannot be interrupted.
 */
import type { DisksUsage, FileSystemUsage } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import type { FileSystemCounts, Machine } from '../machine.js'
import { matchesAny } from '../matches-pattern.js'
import { readMounts } from './mounts.js'
import type { Mount } from './mounts.js'

/** What is served by others or by a program, and what asking would mount. */
const neverAsked = matchesAny([
  ...[
    'autofs',
    'nfs',
    'nfs4',
    'cifs',
    'smb3',
    'smbfs',
    'afs',
    'ceph',
    'lustre',
    'glusterfs',
    'coda',
    'ncpfs',
  ],
  'fuse.*',
])

/** What holds nothing that lasts; the other file systems without a device have no size. */
const ignoredTypes = ['tmpfs', 'devtmpfs', 'ramfs']

export const command: SystemCommand = {
  name: 'disks-usage',
  usage: '[--ignore-type TYPE,...] [--all]',
  options: { 'ignore-type': 'list', all: 'flag' },
  run: async ({ machine, options }) => {
    const isAll = options.flags.has('all')
    const isIgnored = matchesAny(options.lists.get('ignore-type') ?? (isAll ? [] : ignoredTypes))
    const mounts = (await readMounts(machine)).filter(({ fileSystem }) => !isIgnored(fileSystem))
    const usages = await Promise.all((isAll ? mounts : oncePerDevice(mounts)).map(usageWith(machine)))
    const known = usages.filter((usage) => usage !== undefined)
    const usage: DisksUsage = { fileSystems: known.filter(({ totalBytes }) => isAll || totalBytes > 0) }
    return { json: usage, lines: usage.fileSystems.map(lineOf) }
  },
}

/** A file system that is mounted in several places is told of once, at the first. */
function oncePerDevice(mounts: readonly Mount[]): readonly Mount[] {
  const byNumber = new Map(mounts.toReversed().map((mount) => [mount.number, mount]))
  return mounts.filter((mount) => byNumber.get(mount.number) === mount)
}

function usageWith(machine: Machine): (mount: Mount) => Promise<FileSystemUsage | undefined> {
  return async ({ path, device, fileSystem }) => {
    if (neverAsked(fileSystem)) return undefined
    // Unmounted meanwhile, or not for us to see.
    const counts = await machine.statFileSystem(path).catch(() => undefined)
    return counts && { path, device, fileSystem, ...bytesOf(counts) }
  }
}

function bytesOf({
  bsize,
  blocks,
  bfree,
  bavail,
}: FileSystemCounts): Omit<FileSystemUsage, 'path' | 'device' | 'fileSystem'> {
  const bytes = (count: number): number => Math.max(count, 0) * bsize
  return { totalBytes: bytes(blocks), usedBytes: bytes(blocks - bfree), availableBytes: bytes(bavail) }
}

function lineOf({ path, device, totalBytes, usedBytes }: FileSystemUsage): string {
  const percent = totalBytes === 0 ? 0 : Math.round((100 * usedBytes) / totalBytes)
  return `${path}: ${percent}% of ${Math.round(totalBytes / 2 ** 20)} MiB used (${device})`
}
