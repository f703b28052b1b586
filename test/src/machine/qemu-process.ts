/**
 * One running QEMU and the sockets it inherited.
 *
 * It never outlives the process that started it, however that ends: the kernel then kills it. Those sockets are
 * connected before QEMU runs, so there is nothing to poll for and nothing in the file system to clean up.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { env } from 'node:process'

/** How a QEMU ended. */
export interface QemuEnding {
  /** Exit status, `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it complained of. */
  readonly stderr: string
}

/** A QEMU from its start to its end. */
export interface QemuProcess {
  readonly pid: number
  readonly monitor: Socket
  readonly log: Socket
  readonly console: Socket
  readonly ended: Promise<QemuEnding>
  /** Ends it at once, as a power cut would; harmless when it has ended. */
  kill(): Promise<QemuEnding>
}

/** Where QEMU finds its sockets. */
export const inheritedSockets = { monitor: 3, log: 4, console: 5 } as const

// From util-linux, which no Debian is without. The signal is sent when the thread that called us ends, so machines
// must not be started from a worker that is gone before its machine is.
const dieWithUs = ['--pdeathsig', 'KILL', '--']

/**
 * @param options.qemu path of the program
 * @param options.args arguments that use the descriptors of `inheritedSockets`
 * @throws Error when the program cannot be started; bad arguments show in `ended`
 */
export async function startQemu({
  qemu,
  args,
}: {
  qemu: string
  args: readonly string[]
}): Promise<QemuProcess> {
  const child = spawn('setpriv', [...dieWithUs, qemu, ...args], {
    // The rest of our environment is nothing to QEMU.
    env: { PATH: env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  const ended = new Promise<QemuEnding>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stderr: stderr.trim() }))
  })
  await once(child, 'spawn')
  if (child.pid === undefined) throw new Error(`Cannot start ${qemu}: it has no process id`)
  const streams: readonly unknown[] = child.stdio
  return {
    pid: child.pid,
    monitor: socketOf(streams[inheritedSockets.monitor]),
    log: socketOf(streams[inheritedSockets.log]),
    console: socketOf(streams[inheritedSockets.console]),
    ended,
    kill: async () => {
      child.kill('SIGKILL')
      return await ended
    },
  }
}

/** Node makes each further 'pipe' a pair of sockets, though its types do not say so. */
function socketOf(stream: unknown): Socket {
  if (!(stream instanceof Socket)) throw new Error('Cannot start QEMU: a pipe to it is no socket')
  // A dying QEMU resets them. The close event follows, and `ended` tells the reason.
  stream.on('error', () => {})
  return stream
}
