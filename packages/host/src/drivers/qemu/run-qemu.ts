/**
 * Starts a QEMU that goes into the background by itself, once its sockets are open and its machine is made.
 * It is then no child of ours: a daemon that ends takes no machine with it.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { SystemError, systemCodeOf } from '@negotiator/common'

interface QemuStart {
  /** The guest's, for the sentence that says what is wrong. */
  readonly name: string
  readonly uuid: string
  /** `qemu-system-x86_64` unless given, or its like for this machine. */
  readonly program?: string | undefined
  readonly args: readonly string[]
  /** Whether we are a service of systemd; found out unless told. */
  readonly isService?: boolean | undefined
  readonly signal: AbortSignal
}

/** As Node and QEMU call the same processors. */
const processors: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** What QEMU says before it gives up is a line or two. */
const complaintBytesMax = 4096

/** @throws {SystemError} `machine-start-failed`, with QEMU's words */
export async function runQemu(start: QemuStart): Promise<void> {
  const { name, uuid, program = emulator(), args, isService = isSystemdService(), signal } = start
  signal.throwIfAborted()
  const words = [program, ...args] as const
  const [first, ...rest] = isService ? inOwnUnit(words, uuid) : words
  const child = spawn(first, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', signal })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(0, complaintBytesMax)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotStart(name, whyNotRun(first, cause), cause)))
    child.once('close', resolve)
  })
  if (code !== 0)
    throw cannotStart(name, wordsOf(complaint) || `QEMU ended with ${String(code)}, and did not say why`)
}

/** A command line. */
export type Words = readonly [program: string, ...args: string[]]

/** It sets this for the processes of its services, and what starts them elsewhere may hand it on. @see sd_booted(3) */
function isSystemdService(): boolean {
  return process.env['INVOCATION_ID'] !== undefined && existsSync('/run/systemd/system')
}

/**
 * A service of systemd takes all its processes with it when it stops, the daemonized ones, too: so a machine that a service starts gets
 * a unit of its own.
 */
export function inOwnUnit(words: Words, uuid: string): Words {
  return ['systemd-run', '--scope', '--quiet', '--collect', `--unit=negotiator-guest-${uuid}`, '--', ...words]
}

function emulator(): string {
  return `qemu-system-${processors[process.arch] ?? process.arch}`
}

function whyNotRun(program: string, cause: Error): string {
  const code = systemCodeOf(cause)
  if (code !== 'ENOENT') return `${program} cannot be run (${code ?? cause.message})`
  const packages = program === 'systemd-run' ? 'systemd' : 'Debian: qemu-system-x86, Fedora: qemu-kvm'
  return `${program} is not installed; install it (${packages})`
}

/** Errors as one line, without the program's name before each. */
function wordsOf(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.replace(/^[^ ]*qemu-system-[^ :]+: /, '').trim())
  return lines.filter((line) => line !== '').join('; ')
}

function cannotStart(name: string, why: string, cause?: unknown): SystemError {
  return new SystemError(`Cannot start the guest "${name}": ${why}`, { code: 'machine-start-failed', cause })
}
