/**
 * Runs virsh: one process for any number of commands, and what each of them printed.
 * Whoever puts text into a command sees to it that it is a uuid or ours: virsh reads a command like a shell reads a line.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { SystemError, systemCodeOf } from '@negotiator/common'
import type { Clock } from '@negotiator/common'

interface VirshOptions {
  readonly uri: string
  /** Each e.g. `list --all`; one that fails prints nothing, and those after it are run all the same. */
  readonly commands: readonly string[]
  readonly clock: Clock
  /** For what takes libvirt longer than an answer. */
  readonly timeoutMs?: number | undefined
  readonly signal: AbortSignal
  /** The program; tests give their own. */
  readonly program?: string | undefined
}

/** What virsh printed. */
export interface VirshAnswer {
  /** What each command printed, in order. */
  readonly outputs: readonly string[]
  /** What it complained of. */
  readonly complaint: string
}

/** libvirt answers within milliseconds; a hung libvirtd never does. */
const answerTimeoutMs = 20_000

/** What a virsh is told on its command line: words in English, no questions, nothing of our own environment. */
export function virshEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = process.env
  return { PATH, HOME, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, LC_ALL: 'C' }
}

/**
 * Asks libvirt.
 * @throws {SystemError} `virsh-missing`, `libvirt-unreachable` with virsh's own words, or `libvirt-silent`; what `signal`
 *   was fired with
 */
export async function askVirsh(options: VirshOptions): Promise<VirshAnswer> {
  const { uri, commands, clock, timeoutMs = answerTimeoutMs, signal, program = 'virsh' } = options
  signal.throwIfAborted()
  // Nobody who writes what libvirt keeps, a domain's description or name, knows what will stand between two answers.
  const border = `negotiator-${randomBytes(12).toString('hex')}`
  const script = ['uri', ...commands].map((command) => `${command}; echo ${border}`).join('; ')
  const args = ['--quiet', '--connect', uri, script]
  const late = new AbortController()
  const timer = clock.setTimer(timeoutMs, () => late.abort())
  const over = AbortSignal.any([late.signal, signal])
  const { stdout, stderr } = await runToEnd({ program, args, signal: over }).finally(() => timer.cancel())
  signal.throwIfAborted()
  if (late.signal.aborted)
    throw new SystemError(
      `Cannot ask libvirt at ${uri}: it has not answered for ${timeoutMs / 1000} s; is libvirtd well?`,
      { code: 'libvirt-silent' },
    )
  const [connected = '', ...outputs] = stdout.split(border)
  if (connected.trim() === '' || outputs.length <= commands.length) throw unreachable(uri, stderr)
  return { outputs: outputs.slice(0, commands.length), complaint: virshWords(stderr) }
}

/** When virsh cannot connect at all. */
export function unreachable(uri: string, stderr: string): SystemError {
  const words = virshWords(stderr) || 'it did not say why'
  return new SystemError(
    `Cannot ask libvirt at ${uri}: ${words}; is libvirtd running, and may we connect to it?`,
    { code: 'libvirt-unreachable' },
  )
}

/** When there is no virsh to run. */
export function virshMissing(cause: unknown): SystemError {
  const what =
    systemCodeOf(cause) === 'ENOENT'
      ? 'virsh is not installed'
      : `virsh cannot be run (${systemCodeOf(cause)})`
  return new SystemError(
    `Cannot ask libvirt: ${what}; install it (Debian: libvirt-clients, Fedora: libvirt-client), ` +
      'or take "libvirt" out of "drivers" in the configuration',
    { code: 'virsh-missing', cause },
  )
}

/** Errors as one line, without what says only that it is one. */
export function virshWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^error: /, '').trim())
  return [...new Set(lines)].filter((line) => line !== '').join(': ')
}

interface Running {
  readonly program: string
  readonly args: readonly string[]
  readonly signal: AbortSignal
}

async function runToEnd({ program, args, signal }: Running): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(program, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: virshEnvironment(),
    signal,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  return await new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      // The other error is that it was ended early, and then it is closed, too.
      if (child.pid === undefined) reject(virshMissing(cause))
    })
    child.once('close', () => {
      resolve({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}
