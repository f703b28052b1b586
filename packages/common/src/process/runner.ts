/**
 * Runs an executable: its streams while it runs, and one result whatever happens to it.
 * Floor 4. No shell ever sees a name or an argument; no descriptor but the three standard ones is passed on.
 */
import type { Readable, Writable } from 'node:stream'
import { delay } from '../clock.js'
import type { Clock } from '../clock.js'
import { drainGraceMs } from '../limits.js'
import type { Result } from '../wire/result.js'
import { startByFork } from './fork.js'
import { planLaunch } from './launch.js'
import type { Launch, Restrictions } from './launch.js'
import { signalOf, untilClosed } from './outputs-closed.js'
import { inspectProgram } from './program-file.js'
import { rehearse } from './rehearse.js'
import { notStarted, systemRefusal } from './start-refusals.js'
import type { ProcessStart, StartedProcess, StartProcess } from './started-process.js'
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

/** How this machine starts processes. */
export interface RunnerParts {
  readonly clock: Clock
  readonly startProcess: StartProcess
  /** Where nice, setpriv and prlimit are looked for. */
  readonly toolFolders?: readonly string[]
}

/**
 * Starts an executable in a process group of its own.
 * @returns the running command, or why it could not be started
 */
export async function startExecutable(
  executable: Executable,
  { clock, startProcess, toolFolders = systemToolFolders }: RunnerParts,
): Promise<RunningCommand | Result> {
  const refusal = whyNotStartable(executable)
  if (refusal !== undefined) return refusal
  const launch = isRestricted(executable) ? await prepare(executable, toolFolders) : undefined
  if (launch !== undefined && 'kind' in launch) return launch
  // Whom the kernel shall make it only a fork can say.
  const startAs = launch?.ids.uid === undefined && launch?.ids.gid === undefined ? startProcess : startByFork
  const started = await withUmask(async () => await startAs(processOf(executable, launch)))
  if ('kind' in started) return started
  const group = new ProcessGroup({ leader: started.id, clock })
  // Whoever asks for `ended` late must still find it.
  const ended = untilEnded({ started, group, clock })
  const { stdin, stdout, stderr } = started
  return {
    ...{ stdin, stdout, stderr, ended },
    signal: (name) => group.signal(name),
    stop: () => group.stop(),
  }
}

function processOf(
  { path, args, environment, folder, hasStdin }: Executable,
  launch: Launch | undefined,
): ProcessStart {
  const tools = launch === undefined ? [] : [...launch.nice, ...launch.setpriv, ...launch.prlimit]
  const [program = path, ...words] = [...tools, path, ...args]
  return {
    words: [program, ...words],
    environment: { ...environment, ...launch?.environment },
    folder,
    hasStdin,
    ids: launch?.ids,
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

async function untilEnded({
  started,
  group,
  clock,
}: {
  started: StartedProcess
  group: ProcessGroup
  clock: Clock
}): Promise<Result> {
  const outputs = [started.stdout, started.stderr]
  const closed = signalOf(untilClosed(outputs))
  const result = await started.ended
  group.finish()
  await untilClosedOrStuck(outputs, { group, clock, closed })
  for (const output of outputs) output.destroy()
  return result
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
