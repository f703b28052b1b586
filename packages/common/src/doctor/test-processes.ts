/**
 * Real processes for the doctor to find, in a /proc that shows only them: the machine may run daemons of others.
 * Floor 8, for tests.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '../test-folder.js'
import type { Teardown } from '../test-folder.js'
import { Processes } from './processes.js'

/** A process that waits until it is ended. */
export interface WaitingProcess {
  readonly id: number
  readonly process: ChildProcess
  end(): Promise<void>
}

/** A folder like /proc, and the processes that it shows. */
export class TestProcesses {
  /** What a machine's root is given as; /proc lies below it. */
  readonly root: string
  readonly #test: Teardown

  constructor(test: Teardown) {
    this.#test = test
    this.root = testFolder(test)
    mkdirSync(join(this.root, 'proc'))
    for (const name of ['uptime', 'net']) symlinkSync(`/proc/${name}`, join(this.root, 'proc', name))
  }

  /** The processes as they are now. */
  get now(): Processes {
    return new Processes(join(this.root, 'proc'))
  }

  /** Shows a process that the test has started by itself. */
  show(id: number): void {
    symlinkSync(`/proc/${id}`, join(this.root, 'proc', String(id)))
  }

  /**
   * Starts a shell that runs a script, tells that it has come so far, and waits.
   * @param script e.g. `exec 9<file`
   * @param args what stands behind it on its command line
   */
  async start(script: string, ...args: readonly string[]): Promise<WaitingProcess> {
    const child = spawn('/bin/sh', ['-c', `${script}\necho here; read -r _`, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    const end = async (): Promise<void> => {
      child.kill('SIGKILL')
      await ended
    }
    this.#test.teardown(end)
    await once(child.stdout, 'data')
    const id = child.pid ?? 0
    this.show(id)
    return { id, process: child, end }
  }
}
