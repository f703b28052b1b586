/**
 * Starts processes by posix_spawn(3), reached through koffi: nothing of the daemon's memory is copied, so a start takes a tenth of
 * a fork's time, and it blocks the event loop no longer than that.
 * Floor 4. The process's end is told by a descriptor of it, which Node's own loop watches; nothing is parked, no signal is handled.
 */
import { Socket } from 'node:net'
import { constants } from 'node:os'
import type { Koffi } from '../native/koffi.js'
import type { Result } from '../wire/result.js'
import { openSpawnCalls } from './spawn-calls.js'
import type { SpawnCalls } from './spawn-calls.js'
import { systemRefusal } from './start-refusals.js'
import type { ProcessStart, StartedProcess, StartProcess } from './started-process.js'

/** @throws when the C library or the kernel has not all that is needed: pidfd_open(2) came with Linux 5.3 */
export function openPosixSpawn(koffi: Koffi): StartProcess {
  const calls = openSpawnCalls(koffi)
  return async (start) => await Promise.resolve(startSpawned(calls, start))
}

/** Descriptors that are open on the way; whatever of them is left is closed. */
interface Descriptors {
  /** Of the process, in the order of its standard descriptors. */
  readonly its: number[]
  /** Ours, in the same order; -1 where there is none. */
  readonly ours: number[]
}

function startSpawned(calls: SpawnCalls, start: ProcessStart): StartedProcess | Result {
  if ([...start.words, ...Object.entries(start.environment).flat()].some((word) => word.includes('\0')))
    return systemRefusal('EINVAL')
  const { its, ours } = openDescriptors(calls, start)
  const spawned = its.length < 3 ? { error: constants.errno.EMFILE } : calls.spawn(start, its)
  for (const descriptor of its) calls.close(descriptor)
  if ('error' in spawned) {
    for (const descriptor of ours) if (descriptor >= 0) calls.close(descriptor)
    return systemRefusal(nameOf(constants.errno, spawned.error) ?? `error ${spawned.error}`)
  }
  const [stdin = -1, stdout = -1, stderr = -1] = ours
  const input = stdin < 0 ? undefined : new Socket({ fd: stdin, readable: false, writable: true })
  return {
    id: spawned.id,
    stdin: input,
    stdout: new Socket({ fd: stdout, readable: true, writable: false }),
    stderr: new Socket({ fd: stderr, readable: true, writable: false }),
    ended: endOf(calls, spawned).finally(() => input?.destroy()),
  }
}

/** Opens until the system has no more. */
function openDescriptors(calls: SpawnCalls, { hasStdin }: ProcessStart): Descriptors {
  const descriptors: Descriptors = { its: [], ours: [] }
  const add = (its: number | undefined, ours: number | undefined): void => {
    if (its !== undefined) descriptors.its.push(its)
    descriptors.ours.push(ours ?? -1)
  }
  const input = hasStdin ? calls.pipe() : { reading: calls.openNull(), writing: undefined }
  add(input?.reading, input?.writing)
  for (const output of [calls.pipe(), calls.pipe()]) add(output?.writing, output?.reading)
  return descriptors
}

async function endOf(
  calls: SpawnCalls,
  { id, watch }: { readonly id: number; readonly watch: (onEnd: () => void) => void },
): Promise<Result> {
  await new Promise<void>((resolve) => watch(resolve))
  const status = calls.wait(id)
  const signal = status & 0x7f
  if (signal === 0) return { kind: 'exited', code: (status >> 8) & 0xff }
  const name = nameOf(constants.signals, signal)
  // As a shell tells it: a real-time signal has no name that both sides know.
  return name === undefined ? { kind: 'exited', code: 128 + signal } : { kind: 'signalled', signal: name }
}

function nameOf(numbers: Readonly<Record<string, number>>, wanted: number): string | undefined {
  return Object.entries(numbers).find(([, number]) => number === wanted)?.[0]
}
