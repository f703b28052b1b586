/**
 * The host's program under test: its daemon as a process of its own, and its command line, as a user runs them.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pass } from 'node:timers/promises'
import { connect } from '@negotiator/host'
import type { Client } from '@negotiator/host'

/** The program as it is installed. */
export const hostBinary: string = join(import.meta.dirname, '../../../packages/host/bin/negotiator-host.js')

/** Commands that ignore SIGTERM have 2 s of it; the rest is for a machine that is busy. */
const endTimeoutMs = 60_000

/** What a command line did. */
export interface CommandLineResult {
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

/** A command line under way. */
export interface RunningCommandLine {
  readonly stdout: Readable
  readonly ended: Promise<CommandLineResult>
  kill(signal: NodeJS.Signals): void
}

interface HostOptions {
  /** An empty folder: everything of the host lies below it. */
  readonly root: string
  /** The lines of host.toml. */
  readonly config: readonly string[]
  /** What to put before the program, to run it elsewhere; it waits for the program, its only child. */
  readonly launcher?: readonly string[]
}

/** The host's side of a story. */
export class HostProgram {
  readonly root: string
  readonly #launcher: readonly string[]
  #daemon: ChildProcess | undefined
  #log = ''
  readonly #logWaiters = new Set<() => void>()

  private constructor(root: string, launcher: readonly string[]) {
    this.root = root
    this.#launcher = launcher
  }

  /** Writes the configuration and starts the daemon. */
  static async start({ root, config, launcher = [] }: HostOptions): Promise<HostProgram> {
    const host = new HostProgram(root, launcher)
    await host.addFile('etc/negotiator/host.toml', `${config.join('\n')}\n`)
    await host.startDaemon()
    return host
  }

  /** What the daemons have logged so far. */
  get log(): string {
    return this.#log
  }

  /** Waits until the daemons have logged something like this, after so many characters. */
  async logged(pattern: RegExp, from: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!pattern.test(this.#log.slice(from))) return
        this.#logWaiters.delete(look)
        resolve()
      }
      this.#logWaiters.add(look)
      look()
    })
  }

  /** The running daemon's process id. */
  get daemonId(): number {
    const id = this.#daemon?.pid
    if (id === undefined) throw new Error('The host daemon does not run')
    return id
  }

  /** Starts the daemon and waits until it answers. */
  async startDaemon(): Promise<void> {
    const [file, args] = this.#commandLine(['daemon'])
    const daemon = spawn(file, args, {
      // As the shipped units have it.
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#daemon = daemon
    await new Promise<void>((resolve, reject) => {
      daemon.stderr.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString()
        for (const look of this.#logWaiters) look()
        if (chunk.includes('"Started"')) resolve()
      })
      daemon.once('exit', () => reject(new Error(`The host daemon ended at once: ${this.#log}`)))
    })
  }

  /** Ends the daemon as a crash would. */
  async killDaemon(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Stops the daemon in order. */
  async stop(): Promise<void> {
    if (this.#daemon !== undefined) await this.#end('SIGTERM')
  }

  /** Puts a command where an administrator would. */
  async addCommand(name: string, script: string): Promise<void> {
    await this.addFile(join('usr/lib/negotiator/commands', name), script, 0o755)
  }

  /** Writes a file below the root. */
  async addFile(path: string, content: string, mode = 0o644): Promise<void> {
    const file = join(this.root, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o755 })
    await writeFile(file, content, { mode })
  }

  /** A library connection to the daemon. */
  async connect(): Promise<Client> {
    return await connect({ root: this.root })
  }

  /** Runs `negotiator-host ARGS...` to its end. */
  async cli(args: readonly string[], { input = '' }: { input?: string } = {}): Promise<CommandLineResult> {
    return await this.startCli(args, { input }).ended
  }

  /** Starts `negotiator-host ARGS...`; for stories in which something happens meanwhile. */
  startCli(args: readonly string[], { input = '' }: { input?: string } = {}): RunningCommandLine {
    const child = spawn(...this.#commandLine(args))
    // A command that reads no input breaks this pipe.
    child.stdin.on('error', () => undefined).end(input)
    const outputs = Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'exit')])
    const ended = outputs.then(([stdout, stderr]) => ({
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      status: child.exitCode ?? -1,
    }))
    return { stdout: child.stdout, ended, kill: (signal) => void child.kill(signal) }
  }

  #commandLine(args: readonly string[]): [file: string, args: string[]] {
    const [file = '', ...rest] = [
      ...this.#launcher,
      process.execPath,
      hostBinary,
      '--root',
      this.root,
      ...args,
    ]
    return [file, rest]
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = undefined
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return
    const exited = once(daemon, 'exit')
    process.kill(this.#launcher.length === 0 ? (daemon.pid ?? 0) : await childOf(daemon), signal)
    if ((await Promise.race([exited, pass(endTimeoutMs, undefined, { ref: false })])) !== undefined) return
    daemon.kill('SIGKILL')
    throw new Error(`The host daemon had not ended ${endTimeoutMs} ms after ${signal}: ${this.#log}`)
  }
}

async function childOf({ pid }: ChildProcess): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim())
}
