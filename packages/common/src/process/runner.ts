/**
 * Runs an executable: its streams while it runs, and one result whatever happens to it.
 * Floor 4. No shell ever sees a name or an argument; no descriptor but the three standard ones is passed on.
 */
import { once } from 'node:events'
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
export async function startExecutable(executable: Executable, clock: Clock): Promise<RunningCommand | Result> {
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

async function untilEnded({ child, group, clock }: { child: Child; group: ProcessGroup; clock: Clock }): Promise<Result> {
  const outputs = [child.stdout, child.stderr]
  const allClosed = Promise.all(outputs.map(untilClosed))
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  group.finish()
  await Promise.race([allClosed, untilStuck(outputs, clock)])
  for (const output of outputs) output.destroy()
  return signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signalled', signal }
}

async function untilClosed(output: Readable): Promise<void> {
  await new Promise<void>((resolve) => output.once('close', resolve))
}

/**
 * Waits while output is on its way: some still comes, or the caller is slow to take it. Silence means that a process which
 * has left the group holds the pipe, maybe for ever.
 */
async function untilStuck(outputs: readonly Readable[], clock: Clock): Promise<void> {
  let isMoving = true
  for (const output of outputs) output.on('data', () => (isMoving = true))
  while (isMoving || outputs.some((output) => output.isPaused())) {
    isMoving = false
    await delay(clock, { delayMs: drainGraceMs })
    if (outputs.every((output) => output.closed)) return
  }
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
