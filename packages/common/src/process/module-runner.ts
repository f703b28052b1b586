/**
 * Runs module commands: for each file one worker, which is kept between calls, and a new one when the file has changed.
 * Floor 4. The file was checked by whoever asks; a module runs with the daemon's own rights.
 */
import { statSync } from 'node:fs'
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
  /** By the module's path: which version of it, and where that runs. */
  readonly #current = new Map<string, { readonly version: string; readonly worker: ModuleWorker }>()
  /** Those that end with their last call included. */
  readonly #workers = new Set<ModuleWorker>()
  #isClosed = false

  constructor(options: ModuleRunnerOptions) {
    this.#options = options
  }

  /** Starts a call. @returns the running command, or why it could not be started */
  start(wanted: ModuleStart): RunningCommand | Result {
    if (this.#isClosed) return notStarted('the daemon is ending')
    const { path, args, facts, environment = {}, hasStdin, memoryBytesMax } = wanted
    const version = versionOf(path)
    if (version === undefined) return notStarted('its file is not there any more')
    const worker = this.#workerFor(path, { version: `${version} ${memoryBytesMax}`, memoryBytesMax })
    const { callId, command, callerKind, callerName: caller, callerUuid } = facts
    return worker.start({
      facts: { args, caller, callerKind, callerUuid, command, callId, environment },
      hasStdin,
    })
  }

  /** Ends all workers, and what runs in them. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#workers].map(async (worker) => await worker.close()))
  }

  #workerFor(
    path: string,
    { version, memoryBytesMax }: { version: string; memoryBytesMax: number | undefined },
  ): ModuleWorker {
    const current = this.#current.get(path)
    if (current?.version === version && current.worker.isUsable) return current.worker
    current?.worker.retire()
    const worker = new ModuleWorker({ ...this.#options, path, memoryBytesMax })
    this.#current.set(path, { version, worker })
    this.#workers.add(worker)
    void worker.gone.then(() => this.#forget(path, worker))
    return worker
  }

  #forget(path: string, worker: ModuleWorker): void {
    this.#workers.delete(worker)
    if (this.#current.get(path)?.worker === worker) this.#current.delete(path)
  }
}

/** Changes whenever the file does, by writing to it or by putting another in its place. */
function versionOf(path: string): string | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  return file && [file.dev, file.ino, file.size, file.mtimeNs, file.ctimeNs].join(' ')
}
