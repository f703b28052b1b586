/**
 * Runs an executable: its streams while it runs, and one result whatever happens to it.
 * Floor 4. No shell ever sees a name or an argument; no descriptor but the three standard ones is passed on.
 */
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import type { execa as Execa } from 'execa'
import { delay } from '../clock.js'
import type { Clock } from '../clock.js'
import { drainGraceMs } from '../limits.js'
import type { Result } from '../wire/result.js'
import { ProcessGroup } from './stop.js'

/** What to run. */
export interface Executable {
  readonly path: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
  /** Without it the command reads an empty standard input. */
  readonly hasStdin: boolean
}

/** A command that has been started. */
export interface RunningCommand {
  /** Absent without standard input. */
  readonly stdin: Writable | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  /** The command's own ending; never rejects. Both outputs have been read to their end by then, or cut. */
  readonly ended: Promise<Result>
  signal(name: NodeJS.Signals): void
  /** Ends the command and all of its process group. */
  stop(): void
}

/**
 * Starts an executable in a process group of its own.
 * @returns the running command, or why it could not be started
 */
export async function startExecutable(
  executable: Executable,
  clock: Clock,
): Promise<RunningCommand | Result> {
  const reason = whyNotStartable(executable)
  if (reason !== undefined) return { kind: 'failed-to-start', reason }
  // Loaded at the first call, for a program that only calls starts faster without it.
  const { execa } = await import('execa')
  const child = spawn(execa, executable)
  if (child.pid === undefined) return notStarted(await child)
  const group = new ProcessGroup({ leader: child.pid, clock })
  // Whoever asks for `ended` late must still find it; execa's own promise is only needed for its exit.
  const ended = untilEnded({ child, group, clock })
  return {
    stdin: child.stdin ?? undefined,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    signal: (name) => group.signal(name),
    stop: () => group.stop(),
  }
}

function whyNotStartable({ path, args }: Executable): string | undefined {
  if (args.some((argument) => argument.includes('\0')))
    return 'an argument holds a NUL, which no program can be given'
  // The C library hands a file that the kernel does not know to /bin/sh, and no shell shall guess.
  return isProgram(path) ? undefined : explanations['ENOEXEC']
}

function isProgram(path: string): boolean {
  try {
    const head = headOf(path)
    return head.startsWith('#!') || head === '\x7fELF'
  } catch {
    return true // What may not be read may still be run; starting it tells.
  }
}

function headOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const head = Buffer.alloc(4)
    readSync(file, head)
    return head.toString('latin1')
  } finally {
    closeSync(file)
  }
}

function spawn(execa: typeof Execa, { path, args, environment, folder, hasStdin }: Executable) {
  return execa(path, args, {
    env: environment,
    extendEnv: false,
    cwd: folder,
    stdin: hasStdin ? 'pipe' : 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    // A session and process group of its own, without a terminal.
    detached: true,
    // The group is ended by us; execa would only know its leader.
    cleanup: false,
    buffer: false,
    reject: false,
  })
}

type Child = ReturnType<typeof spawn>

async function untilEnded({
  child,
  group,
  clock,
}: {
  child: Child
  group: ProcessGroup
  clock: Clock
}): Promise<Result> {
  const outputs = [child.stdout, child.stderr]
  const closed = new AbortController()
  void Promise.all(outputs.map(untilClosed)).then(() => closed.abort())
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  group.finish()
  await untilClosedOrStuck(outputs, { group, clock, closed: closed.signal })
  for (const output of outputs) output.destroy()
  return signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signalled', signal }
}

async function untilClosed(output: Readable): Promise<void> {
  await new Promise<void>((resolve) => output.once('close', resolve))
}

/**
 * Waits while output is on its way: some still comes, or the caller is slow to take it. Silence means that a process which
 * has left the group holds the pipe, maybe for ever; and whoever has stopped the call waits for no such process at all.
 */
async function untilClosedOrStuck(
  outputs: readonly Readable[],
  { group, clock, closed }: { group: ProcessGroup; clock: Clock; closed: AbortSignal },
): Promise<void> {
  let isMoving = false
  for (const output of outputs) output.on('data', () => (isMoving = true))
  do {
    isMoving = false
    await delay(clock, { delayMs: drainGraceMs, signal: closed })
  } while (!closed.aborted && !group.isStopped && (isMoving || outputs.some((output) => output.isPaused())))
}

function notStarted(result: Awaited<Child>): Result {
  const code = 'code' in result && typeof result.code === 'string' ? result.code : 'unknown error'
  return { kind: 'failed-to-start', reason: explanations[code] ?? `the system refused to start it: ${code}` }
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'its interpreter does not exist; look at its first line',
  EACCES: 'it is not executable, or its file system is mounted noexec',
  ENOEXEC: 'it is neither a program nor a script with a #! line',
  E2BIG: 'its arguments are too long for the kernel',
  EAGAIN: 'the machine has no room for another process',
  ENOMEM: 'the machine is out of memory',
  EMFILE: 'the daemon has too many files open',
}
