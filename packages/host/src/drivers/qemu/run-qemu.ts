/**
 * Starts a QEMU that goes into the background by itself, once its sockets are open and its machine is made.
 * It is then no child of ours: a daemon that ends takes no machine with it.
 */
import { spawn } from 'node:child_process'
import { SystemError, systemCodeOf } from '@negotiator/common'

interface QemuStart {
  /** The guest's, for the sentence that says what is wrong. */
  readonly name: string
  readonly uuid: string
  /** `qemu-system-x86_64` unless given, or its like for this machine. */
  readonly program?: string | undefined
  readonly args: readonly string[]
  readonly signal: AbortSignal
}

/** As Node and QEMU call the same processors. */
const processors: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** What QEMU says before it gives up is a line or two. */
const complaintBytesMax = 4096

/** @throws {SystemError} `machine-start-failed`, with QEMU's words */
export async function runQemu(start: QemuStart): Promise<void> {
  const { name, uuid, program = emulator(), args, signal } = start
  signal.throwIfAborted()
  const [first, ...rest] = ownUnit([program, ...args], { uuid, environment: process.env })
  const child = spawn(first, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', signal })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(0, complaintBytesMax)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotStart(name, whyNotRun(program, cause), cause)))
    child.once('close', resolve)
  })
  if (code !== 0)
    throw cannotStart(name, wordsOf(complaint) || `QEMU ended with ${String(code)}, and did not say why`)
}

type Words = readonly [program: string, ...args: string[]]

/**
 * A service of systemd takes all its processes with it when it stops, the daemonized ones, too: so a machine that a service starts gets
 * a unit of its own.
 */
export function ownUnit(
  words: Words,
  { uuid, environment }: { uuid: string; environment: NodeJS.ProcessEnv },
): Words {
  // systemd sets it for the processes of its services.
  if (environment['INVOCATION_ID'] === undefined) return words
  return ['systemd-run', '--scope', '--quiet', '--collect', `--unit=negotiator-guest-${uuid}`, '--', ...words]
}

function emulator(): string {
  return `qemu-system-${processors[process.arch] ?? process.arch}`
}

function whyNotRun(program: string, cause: Error): string {
  const code = systemCodeOf(cause)
  if (code !== 'ENOENT') return `${program} cannot be run (${code ?? cause.message})`
  return `${program} is not installed; install it (Debian: qemu-system-x86, Fedora: qemu-kvm)`
}

/** Errors as one line, without the program's name before each. */
function wordsOf(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.replace(/^[^ ]*qemu-system-[^ :]+: /, '').trim())
  return lines.filter((line) => line !== '').join('; ')
}

function cannotStart(name: string, why: string, cause?: unknown): SystemError {
  return new SystemError(`Cannot start the guest "${name}": ${why}`, { code: 'machine-start-failed', cause })
}
