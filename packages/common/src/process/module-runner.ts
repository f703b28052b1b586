/**
 * Runs module commands in workers, which are kept between calls: one for each file, or for those files of a folder that name the same,
 * and a new one when a file has changed.
 * Floor 4. The file was checked by whoever asks; a module runs with the daemon's own rights.
 */
import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Result } from '../wire/result.js'
import type { CallFacts } from './environment.js'
import { ModuleWorker } from './module-worker.js'
import type { RunningCommand } from './runner.js'
import { notStarted } from './start-refusals.js'

/** Which function to call, and what it is told. */
export interface ModuleStart {
  readonly path: string
  readonly args: readonly string[]
  readonly facts: CallFacts
  /** Variables of the command's settings; a module has no other environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly hasStdin: boolean
  /** Modules of one folder that name the same worker share it. */
  readonly worker?: string | undefined
  /** Of the heap, all calls of this module together. */
  readonly memoryBytesMax?: number | undefined
}

interface ModuleRunnerOptions {
  readonly clock: Clock
  readonly log: Log
}

/** All module workers of a daemon. */
export class ModuleRunner {
  readonly #options: ModuleRunnerOptions
  /** By the module's path, or the folder and the worker's name. */
  readonly #current = new Map<string, ModuleWorker>()
  /** Those that end with their last call included. */
  readonly #workers = new Set<ModuleWorker>()
  #isClosed = false

  constructor(options: ModuleRunnerOptions) {
    this.#options = options
  }

  /** Starts a call. @returns the running command, or why it could not be started */
  start(wanted: ModuleStart): RunningCommand | Result {
    if (this.#isClosed) return notStarted('the daemon is ending')
    const { path, args, facts, environment = {}, hasStdin } = wanted
    const fileVersion = versionOf(path)
    if (fileVersion === undefined) return notStarted('its file is not there any more')
    const version = `${fileVersion} ${wanted.memoryBytesMax}`
    const { callId, command, callerKind, callerName: caller, callerUuid } = facts
    return this.#workerFor(wanted, version).start({
      path,
      version,
      facts: { args, caller, callerKind, callerUuid, command, callId, environment },
      hasStdin,
    })
  }

  /** Ends all workers, and what runs in them. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#workers].map(async (worker) => await worker.close()))
  }

  #workerFor({ path, worker: shared, memoryBytesMax }: ModuleStart, version: string): ModuleWorker {
    // No path has a NUL, so no name of a worker makes a key that is another's.
    const key = shared === undefined ? path : `${dirname(path)}\0${shared}`
    const current = this.#current.get(key)
    if (current?.canTake({ path, version }) === true) return current
    current?.retire()
    const name = shared ?? basename(path, '.mjs')
    const worker = new ModuleWorker({ ...this.#options, name, memoryBytesMax })
    this.#current.set(key, worker)
    this.#workers.add(worker)
    void worker.gone.then(() => this.#forget(key, worker))
    return worker
  }

  #forget(key: string, worker: ModuleWorker): void {
    this.#workers.delete(worker)
    if (this.#current.get(key) === worker) this.#current.delete(key)
  }
}

/** Changes whenever the file does, by writing to it or by putting another in its place. */
function versionOf(path: string): string | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  return file && [file.dev, file.ino, file.size, file.mtimeNs, file.ctimeNs].join(' ')
}
