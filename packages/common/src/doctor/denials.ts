/**
 * What AppArmor and SELinux have denied lately, as the logs of this machine tell.
 * Floor 8. The programs concerned are told no more than "permission denied", so this is the one place to learn of it.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** One denial. */
export interface Denial {
  readonly by: 'AppArmor' | 'SELinux'
  /** Who was denied: the program's name, 15 characters at most. */
  readonly program: string
  /** What it wanted to do, e.g. `mknod` or `write`. */
  readonly operation: string
  /** To what: a path or the last part of one; empty when the log does not tell. */
  readonly path: string
  /** AppArmor's profile, or the context that the program runs in. */
  readonly confinement: string
}

interface DenialsOptions {
  /** Where /var lies: `/`; tests give their own. */
  readonly machineRoot: string
  /** Now, in milliseconds since 1970; denials that are older than an hour have perhaps been dealt with. */
  readonly nowMs: number
  /** The journal's program; tests give another. */
  readonly journal?: string
}

const logFiles = ['var/log/audit/audit.log', 'var/log/kern.log', 'var/log/syslog', 'var/log/messages']
const ageMsMax = 60 * 60 * 1000
/** Hours of an ordinary log, and read in a moment. */
const tailBytes = 2 * 1024 * 1024

/** Reads the denials of the last hour, oldest first, each once; empty also when no log may be read. */
export async function readDenials({
  machineRoot,
  nowMs,
  journal = 'journalctl',
}: DenialsOptions): Promise<readonly Denial[]> {
  const files = await Promise.all(logFiles.map(async (file) => await readTail(join(machineRoot, file))))
  const texts = files.some((text) => text !== '') ? files : [await readJournal(journal)]
  const bySerial = new Map<string, Denial>()
  for (const line of texts.join('\n').split('\n')) {
    // The same denial may stand in several logs; its stamp is the same in all of them.
    const [, stamp = '', seconds] = /audit\(((\d+)\.\d+:\d+)\)/.exec(line) ?? []
    if (seconds === undefined || nowMs - Number(seconds) * 1000 > ageMsMax) continue
    const denial = parseDenial(line)
    if (denial !== undefined) bySerial.set(stamp, denial)
  }
  return [...bySerial.values()]
}

/** A denial as a sentence. */
export function sentenceOfDenial({ by, program, operation, path, confinement }: Denial): string {
  const what = path === '' ? '' : ` "${path}"`
  return `${by} denied ${program} ("${confinement}") to ${operation}${what}`
}

async function readTail(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, tailBytes))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8', 0, bytesRead)
  } catch {
    return '' // Not there, or not for us.
  }
}

/** Where there is a journal and no log file, as on most new systems. */
async function readJournal(program: string): Promise<string> {
  const args = ['--no-pager', '--output=cat', '--since=-1h', '_TRANSPORT=audit', '+', '_TRANSPORT=kernel']
  // Loaded when it is needed: programs start faster without it.
  const { execa } = await import('execa')
  const { stdout } = await execa(program, args, { reject: false, timeout: 10_000, maxBuffer: tailBytes })
  return stdout ?? ''
}

function parseDenial(line: string): Denial | undefined {
  const program = field(line, 'comm') ?? 'a program'
  if (line.includes('apparmor="DENIED"'))
    return {
      by: 'AppArmor',
      program,
      operation: field(line, 'operation') ?? 'do something',
      path: field(line, 'name') ?? '',
      confinement: field(line, 'profile') ?? 'unknown',
    }
  const [, operation] = /\bavc:\s+denied\s+\{\s*(.*?)\s*\}/.exec(line) ?? []
  // In permissive mode it is written down and allowed.
  if (operation === undefined || field(line, 'permissive') === '1') return undefined
  return {
    by: 'SELinux',
    program,
    operation,
    path: field(line, 'path') ?? field(line, 'name') ?? '',
    confinement: field(line, 'scontext') ?? 'unknown',
  }
}

/** `name=value` or `name="value"`; a value with odd characters is written in hexadecimal digits. */
function field(line: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`\\b${name}=(?:"([^"]*)"|(\\S+))`).exec(line) ?? []
  if (quoted !== undefined || plain === undefined) return quoted
  const isHex = ['comm', 'name', 'path'].includes(name) && /^([0-9A-F]{2})+$/.test(plain)
  return isHex ? Buffer.from(plain, 'hex').toString() : plain
}
