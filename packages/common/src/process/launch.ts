/**
 * How a command is started that runs as another user or under limits: which tools stand before it, and what the kernel is told.
 * Floor 4. What cannot be enforced is refused; a command never runs with more rights or fewer limits than was asked for.
 *
 * Each tool replaces itself by the next: nice first, while it may still lower the value; setpriv for a user with supplementary
 * groups; prlimit last, so that no other tool has to live within its limits.
 */
import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import type { Result } from '../wire/result.js'
import { environmentOf, findAccount } from './accounts.js'
import type { Account, RunAs } from './accounts.js'
import { notStarted } from './start-refusals.js'
import { findFullTool, findTool } from './tools.js'

/** What may be asked for beside running it. */
export interface Restrictions {
  readonly runAs?: RunAs | undefined
  /** -20 to 19, as nice(1) counts. */
  readonly nice?: number | undefined
  /** Of address space, for each process of the command. */
  readonly memoryBytesMax?: number | undefined
  /** Seconds of processor time, for each process of the command. */
  readonly cpuSecondsMax?: number | undefined
}

/** How to start it: the words before it, tool by tool, and whom the kernel makes it where no tool is needed for that. */
export interface Launch {
  readonly nice: readonly string[]
  readonly setpriv: readonly string[]
  readonly prlimit: readonly string[]
  readonly ids: { readonly uid?: number; readonly gid?: number }
  /** The user that it becomes. */
  readonly userName?: string
  /** What the environment says of the user. */
  readonly environment: Readonly<Record<string, string>>
}

/** A plain command pays for nothing of this. */
const plainLaunch: Launch = { nice: [], setpriv: [], prlimit: [], ids: {}, environment: {} }

/** Seconds between the SIGXCPU that a command may handle and the SIGKILL that it may not. */
const cpuGraceSeconds: number = 1

/** Plans a start. @returns the plan, or why what is asked for cannot be had */
export async function planLaunch(
  restrictions: Restrictions,
  toolFolders: readonly string[],
): Promise<Launch | Result> {
  const nice = niceWords(restrictions, toolFolders)
  if ('kind' in nice) return nice
  const prlimit = prlimitWords(restrictions, toolFolders)
  if ('kind' in prlimit) return prlimit
  const { runAs } = restrictions
  if (runAs === undefined) return { ...plainLaunch, nice, prlimit }
  const account = await findAccount(runAs, toolFolders)
  if ('reason' in account) return notStarted(account.reason)
  const becoming = becomeUser(account, { runAs, isNicer: nice.length > 0, toolFolders })
  if ('kind' in becoming) return becoming
  return { ...plainLaunch, nice, prlimit, ...becoming, environment: environmentOf(account) }
}

function niceWords({ nice }: Restrictions, toolFolders: readonly string[]): readonly string[] | Result {
  if (nice === undefined || nice === getPriority()) return []
  // nice(1) would warn, and run it all the same.
  if (nice < getPriority() && !isRoot())
    return notStarted(`it shall run with nice ${nice}, and only root may go below ${getPriority()}`)
  const tool = findTool('nice', toolFolders)
  if (tool === undefined)
    return notStarted(`the tool nice is needed to run it with nice ${nice}; install coreutils`)
  return [tool, '-n', String(nice - getPriority())]
}

function prlimitWords(
  { memoryBytesMax, cpuSecondsMax }: Restrictions,
  toolFolders: readonly string[],
): readonly string[] | Result {
  if (memoryBytesMax === undefined && cpuSecondsMax === undefined) return []
  const tool = findFullTool('prlimit', toolFolders)
  if (tool === undefined)
    return notStarted('prlimit is needed to limit its memory and processor time; install util-linux')
  const words = [tool]
  if (memoryBytesMax !== undefined) words.push(`--as=${atMost('Max address space', memoryBytesMax)}`)
  if (cpuSecondsMax !== undefined) {
    const hardest = atMost('Max cpu time', cpuSecondsMax + cpuGraceSeconds)
    words.push(`--cpu=${Math.min(cpuSecondsMax, hardest)}:${hardest}`)
  }
  return words
}

/** The daemon's own hard limit where that is stricter: nobody but root may go beyond it. */
function atMost(limit: string, wanted: number): number {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(limit))
  const hard = Number(line?.slice(limit.length).trim().split(/\s+/)[1])
  return Number.isNaN(hard) ? wanted : Math.min(hard, wanted)
}

interface Becoming {
  readonly runAs: RunAs
  readonly isNicer: boolean
  readonly toolFolders: readonly string[]
}

function becomeUser(
  account: Account,
  { runAs, isNicer, toolFolders }: Becoming,
): Pick<Launch, 'setpriv' | 'ids' | 'userName'> | Result {
  const { userId: uid, groupId: gid, userName, groupIds } = account
  if (isOwn(account, runAs)) return { setpriv: [], ids: {} }
  if (!isRoot())
    return notStarted(`it shall run as the user "${userName}", which only a daemon that runs as root can do`)
  // The kernel's own way clears the supplementary groups, which is right for a user that has none.
  if (groupIds.length === 0 && !isNicer) return { setpriv: [], ids: { uid, gid }, userName }
  const tool = findFullTool('setpriv', toolFolders)
  if (tool === undefined)
    return notStarted(`setpriv is needed to run it as "${userName}" with its groups; install util-linux`)
  const groups = groupIds.length === 0 ? '--clear-groups' : `--groups=${groupIds.join(',')}`
  return { setpriv: [tool, `--reuid=${uid}`, `--regid=${gid}`, groups], ids: {}, userName }
}

/** Whether it is what the daemon's commands are anyway. */
function isOwn({ userId }: Account, { group, groups }: RunAs): boolean {
  return userId === process.geteuid?.() && group === undefined && groups === undefined
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}
