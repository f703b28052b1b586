/**
 * A supervisord of the test's own: the real one, with its files in a folder, and nothing in it at first.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { MachineLog } from './machine-log.js'
import { ensureInstalled } from './prerequisites.js'

/** What Debian's own supervisord.conf says, with other paths. In the foreground it prints its log. */
const configuration = (folder: string): string => `[unix_http_server]
file=${folder}/supervisor.sock
[supervisord]
logfile=/dev/null
logfile_maxbytes=0
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/supervisor.sock
[include]
files = ${folder}/conf.d/*.conf
`

interface SupervisordOptions {
  /** A folder that is there. */
  readonly folder: string
  /** Folders to look for programs in, before the usual ones. */
  readonly programs: readonly string[]
}

/** A running supervisord. */
export class Supervisord {
  readonly #folder: string
  readonly #process: ChildProcess
  /** What it says of its programs, line by line. */
  readonly log: MachineLog

  private constructor(folder: string, child: ChildProcess, log: MachineLog) {
    this.#folder = folder
    this.#process = child
    this.log = log
  }

  /** Starts it, and waits until supervisorctl can reach it. Installs it when it is missing, as root. */
  static async start({ folder, programs }: SupervisordOptions): Promise<Supervisord> {
    const wanted = [{ program: 'supervisord', package: 'supervisor' }]
    const [program = ''] = await ensureInstalled(wanted, { install: true, log: console.log })
    await mkdir(join(folder, 'conf.d'), { recursive: true })
    await writeFile(join(folder, 'supervisord.conf'), configuration(folder))
    const child = spawn(program, ['--nodaemon', '--configuration', join(folder, 'supervisord.conf')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PATH: [...programs, process.env['PATH']].join(delimiter) },
    })
    const supervisord = new Supervisord(folder, child, new MachineLog(child.stdout))
    // The last thing that it says before it serves.
    await supervisord.waitFor(/supervisord started with pid/)
    return supervisord
  }

  /** Puts a file into its conf.d folder. */
  async addFile(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, 'conf.d', name), text)
  }

  /** Runs supervisorctl. @returns what it prints, whatever its exit status is */
  async ctl(...args: readonly string[]): Promise<string> {
    const configured = ['--configuration', join(this.#folder, 'supervisord.conf'), ...args]
    const { stdout } = await execa('supervisorctl', configured, { reject: false, timeout: 60_000 })
    return stdout
  }

  /** Waits for a line in its log. */
  async waitFor(pattern: RegExp, from = 0): Promise<string> {
    return await this.log.waitFor(pattern, { from, signal: AbortSignal.timeout(60_000) })
  }

  /** Ends it as a crash would, or in order; harmless when it has ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
  }
}
