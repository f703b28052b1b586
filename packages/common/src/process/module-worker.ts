/**
 * One module in a worker thread of its own, with all the calls under way in it.
 * Floor 4. Whatever the module does to its thread, the daemon goes on, and each call ends.
 */
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../clock.js'
import { sentenceOf, systemCodeOf } from '../errors.js'
import {
  moduleChunkBytes,
  moduleHeapBytesMax,
  moduleIdleMs,
  moduleLoadMs,
  moduleMessageBytes,
  moduleWindowBytes,
} from '../limits.js'
import type { Log } from '../log.js'
import type { Result } from '../wire/result.js'
import { brokenCode } from './call-endings.js'
import { ModuleCall } from './module-call.js'
import { ModuleLog } from './module-log.js'
import type { FromModule, ModuleCallFacts, ModuleWorkerSettings, ToModule } from './module-messages.js'
import { moduleWorkerCode } from './module-worker-code.js'
import type { RunningCommand } from './runner.js'

interface ModuleWorkerOptions {
  readonly path: string
  readonly memoryBytesMax: number | undefined
  readonly clock: Clock
  readonly log: Log
}

/** A worker from its start to its end; it does not start again. */
export class ModuleWorker {
  /** The worker's end; never rejects. */
  readonly gone: Promise<void>
  readonly #options: ModuleWorkerOptions
  readonly #name: string
  readonly #worker: Worker
  readonly #calls = new Map<number, { readonly call: ModuleCall; readonly facts: ModuleCallFacts }>()
  #nextId = 1
  #isLoaded = false
  #isRetired = false
  /** Why the worker ends, for the calls that are still in it; the first cause is kept. */
  #cause: string | undefined
  /** Counts the time until it is loaded, and later the time that it is idle. */
  #timer: Timer

  constructor(options: ModuleWorkerOptions) {
    const { path, clock, log, memoryBytesMax = moduleHeapBytesMax } = options
    this.#options = options
    this.#name = basename(path, '.mjs')
    const worker = new Worker(moduleWorkerCode, {
      eval: true,
      argv: [],
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      workerData: settingsFor(path),
      resourceLimits: { maxOldGenerationSizeMb: Math.max(1, Math.floor(memoryBytesMax / 2 ** 20)) },
    })
    this.#worker = worker
    const console = new ModuleLog({ name: this.#name, log, clock })
    console.listen(worker.stdout)
    console.listen(worker.stderr)
    worker.on('message', (message: FromModule) => this.#receive(message))
    worker.on('error', (error) => this.#crash(error))
    this.gone = new Promise((resolve) => worker.once('exit', () => resolve(this.#over())))
    this.#timer = clock.setTimer(moduleLoadMs, () => this.#giveUpLoading())
  }

  /** Whether calls may still be started in it. */
  get isUsable(): boolean {
    return this.#cause === undefined && !this.#isRetired
  }

  /** Starts a call. */
  start({ facts, hasStdin }: { facts: ModuleCallFacts; hasStdin: boolean }): RunningCommand {
    const id = this.#nextId
    this.#nextId += 1
    const post = (message: ToModule): void => this.#worker.postMessage(message)
    const owner = {
      post,
      isLoaded: () => this.#isLoaded,
      kill: () => this.#end('its module was ended: another call of it did not stop when it was told to'),
      over: () => this.#forget(id),
    }
    if (this.#isLoaded) this.#timer.cancel()
    const call = new ModuleCall({ id, hasStdin, clock: this.#options.clock, owner })
    this.#calls.set(id, { call, facts })
    post({ kind: 'call', id, facts, hasStdin })
    return call
  }

  /** Takes no more calls; the worker ends with its last one. */
  retire(): void {
    this.#isRetired = true
    if (this.#calls.size === 0) this.#end('its module was replaced')
  }

  /** Ends the worker now. */
  async close(): Promise<void> {
    this.#end('the daemon is ending')
    await this.gone
  }

  #receive(message: FromModule): void {
    if (this.#cause !== undefined) return
    switch (message.kind) {
      case 'loaded':
        this.#isLoaded = true
        this.#timer.cancel()
        return this.#rest()
      case 'not-loaded':
        this.#options.log.error('A module cannot be loaded', { module: this.#name, reason: message.detail })
        return this.#fail({ kind: 'failed-to-start', reason: message.reason })
      case 'threw':
        return this.#options.log.warn('A module threw', { module: this.#name, reason: message.detail })
      default:
        this.#calls.get(message.id)?.call.receive(message)
    }
  }

  #giveUpLoading(): void {
    const reason = `its module was not loaded within ${moduleLoadMs / 1000} seconds`
    this.#options.log.error('A module cannot be loaded', { module: this.#name, reason })
    this.#fail({ kind: 'failed-to-start', reason })
  }

  #crash(error: unknown): void {
    const isMemory = systemCodeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY'
    const reason = error instanceof Error ? (error.stack ?? error.message) : sentenceOf(error)
    this.#options.log.error('A module crashed', { module: this.#name, reason })
    this.#cause ??= isMemory
      ? 'its module ran out of memory'
      : "its module crashed; the daemon's log says why"
  }

  /** Ends the worker and all calls in it, for it cannot do what it is for. */
  #fail(result: Result): void {
    for (const { call } of [...this.#calls.values()]) call.finish(result)
    this.#end('its module cannot be loaded')
  }

  #end(cause: string): void {
    this.#cause ??= cause
    this.#timer.cancel()
    void this.#worker.terminate()
  }

  #over(): void {
    this.#timer.cancel()
    this.#cause ??= 'its module called process.exit()'
    for (const { call, facts } of [...this.#calls.values()])
      call.finish({ kind: 'exited', code: brokenCode }, `${facts.command}: ${this.#cause}\n`)
  }

  #forget(id: number): void {
    this.#calls.delete(id)
    this.#rest()
  }

  #rest(): void {
    if (this.#calls.size > 0 || !this.#isLoaded || this.#cause !== undefined) return
    if (this.#isRetired) return this.#end('its module was replaced')
    this.#timer = this.#options.clock.setTimer(moduleIdleMs, () => this.#end('its module was idle'))
  }
}

function settingsFor(path: string): ModuleWorkerSettings {
  return {
    url: pathToFileURL(path).href,
    windowBytes: moduleWindowBytes,
    chunkBytes: moduleChunkBytes,
    messageBytes: moduleMessageBytes,
  }
}
