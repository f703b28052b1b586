/**
 * Runs an executable: its streams while it runs, and one result whatever happens to it.
 * Floor 4. No shell ever sees a name or an argument; no descriptor but the three standard ones is passed on.
 */
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { delay } from '../clock.js'
import type { Clock } from '../clock.js'
import { drainGraceMs } from '../limits.js'
import type { Result } from '../wire/result.js'
import { planLaunch } from './launch.js'
import type { Launch, Restrictions } from './launch.js'
import { inspectProgram } from './program-file.js'
import { rehearse } from './rehearse.js'
import { notStarted, systemRefusal } from './start-refusals.js'
import { ProcessGroup } from './stop.js'
import { systemToolFolders } from './tools.js'

/** What to run. */
export interface Executable extends Restrictions {
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
  toolFolders: readonly string[] = systemToolFolders,
): Promise<RunningCommand | Result> {
  const refusal = whyNotStartable(executable)
  if (refusal !== undefined) return refusal
  const launch = isRestricted(executable) ? await prepare(executable, toolFolders) : undefined
  if (launch !== undefined && 'kind' in launch) return launch
  const child = withUmask(() => start({ executable, launch }))
  if ('kind' in child) return child
  if (child.pid === undefined) return refusalOf(await errorOf(child))
  const group = new ProcessGroup({ leader: child.pid, clock })
  // Whoever asks for `ended` late must still find it.
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

function whyNotStartable({ path, args }: Executable): Result | undefined {
  if (args.some((argument) => argument.includes('\0')))
    return notStarted('an argument holds a NUL, which no program can be given')
  // The C library hands a file that the kernel does not know to /bin/sh, and no shell shall guess.
  return inspectProgram(path).kind === 'neither' ? systemRefusal('ENOEXEC') : undefined
}

function isRestricted({ runAs, nice, memoryBytesMax, cpuSecondsMax }: Executable): boolean {
  return [runAs, nice, memoryBytesMax, cpuSecondsMax].some((restriction) => restriction !== undefined)
}

async function prepare(executable: Executable, toolFolders: readonly string[]): Promise<Launch | Result> {
  const launch = await planLaunch(executable, toolFolders)
  if ('kind' in launch) return launch
  const { path } = executable
  return (await rehearse(path, { launch, file: inspectProgram(path) })) ?? launch
}

/** What a command makes is readable by others, however careful the daemon is with its own files. */
const commandUmask: number = 0o022

/** The daemon's umask is another's for the moment of the fork only; the fork does not give way to anything. */
function withUmask<Value>(action: () => Value): Value {
  const own = process.umask(commandUmask)
  try {
    return action()
  } finally {
    process.umask(own)
  }
}

interface Start {
  readonly executable: Executable
  /** Absent for one that runs as the daemon's commands do. */
  readonly launch: Launch | undefined
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>

/** What fails for good is thrown by Node, what may pass is told by an event. */
function start({ executable, launch }: Start): Child | Result {
  const { path, args, environment, folder, hasStdin } = executable
  const tools = launch === undefined ? [] : [...launch.nice, ...launch.setpriv, ...launch.prlimit]
  const [program = path, ...words] = [...tools, path, ...args]
  try {
    return spawn(program, words, {
      ...launch?.ids,
      env: { ...environment, ...launch?.environment },
      cwd: folder,
      stdio: [hasStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      // A session and process group of its own, without a terminal.
      detached: true,
    }) as Child
  } catch (error) {
    return refusalOf(error)
  }
}

async function errorOf(child: Child): Promise<unknown> {
  const [error] = (await once(child, 'error')) as [unknown]
  return error
}

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

function refusalOf(error: unknown): Result {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return systemRefusal(typeof code === 'string' ? code : 'unknown error')
}
