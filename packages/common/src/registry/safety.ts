/**
 * May what is here be run as the daemon? Not when anybody else can write to it, or change what its name leads to.
 * Floor 4. The reasons are told to the caller, so they name no path; what must be mended stands beside them.
 */
import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import type { Passed, Walked } from './walk.js'

/** Why something may not be run, and where the reason lies. */
export interface Unsafe {
  readonly reason: string
  /** Never told to the other side. */
  readonly culprit: string
}

interface Examined {
  /** The command folder. */
  readonly place: Walked
  /** A file in it, or where a link in it leads. */
  readonly file: Walked
  /** What the reasons call the file. */
  readonly what: string
}

/**
 * Whether anybody but root and the daemon's user could have written the file, or can put another in its place. When not, what was
 * looked at is what is run: nobody else can change a name on the way in between.
 * @see sshd_config(5), StrictModes, which asks the same of every folder above a file of keys
 */
export function whyUnsafe({ place, file, what }: Examined): Unsafe | undefined {
  const own: readonly string[] = [place.path, dirname(file.path)]
  // A socket's mode says who may connect, and nobody can put another program behind it: whose it is counts.
  const reason =
    whyOthers(file.stats, what) ?? (file.stats.isSocket() ? undefined : whyWritable(file.stats, what))
  if (reason !== undefined) return { reason, culprit: file.path }
  return [...place.passed, ...file.passed]
    .map((step) => whyStepUnsafe(step, own))
    .find((unsafe) => unsafe !== undefined)
}

function whyStepUnsafe({ path, stats }: Passed, own: readonly string[]): Unsafe | undefined {
  const what = own.includes(path)
    ? 'its folder'
    : `a ${stats.isDirectory() ? 'folder' : 'link'} on the way to it`
  const reason =
    whyOthers(stats, what) ?? (isClosed({ path, stats }, own) ? undefined : whyWritable(stats, what))
  return reason === undefined ? undefined : { reason, culprit: path }
}

/**
 * In a sticky folder such as /tmp others can add names, and neither remove nor rename ours. That is enough on the way; a command's own
 * folder is where a new name is a new command. A link has no mode.
 */
function isClosed({ path, stats }: Passed, own: readonly string[]): boolean {
  return stats.isSymbolicLink() || (!own.includes(path) && (stats.mode & sticky) !== 0)
}

/** Node has no name for it. @see inode(7), S_ISVTX */
const sticky = 0o1000

/** An access control list is covered: the group's bits are its mask. @see acl(5) */
const othersMayWrite = constants.S_IWGRP | constants.S_IWOTH

function whyWritable(stats: Stats, what: string): string | undefined {
  return (stats.mode & othersMayWrite) === 0
    ? undefined
    : `${what} may be written by others than its owner; chmod go-w it`
}

function whyOthers(stats: Stats, what: string): string | undefined {
  if (stats.uid === 0 || stats.uid === process.geteuid?.()) return undefined
  return `${what} is owned by user ${stats.uid}, neither root nor the user that the daemon runs as; chown it to root`
}
