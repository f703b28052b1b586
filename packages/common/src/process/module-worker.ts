/**
 * One worker thread with the modules that share it, most often one, and all the calls under way in them.
 * Floor 4. Whatever a module does to its thread, the daemon goes on, and each call ends.
 */
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
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
} from './module-limits.js'
import type { Log } from '../log.js'
import { brokenCode } from './call-endings.js'
import { ModuleCall } from './module-call.js'
import { ModuleLog } from './module-log.js'
import type { FromModule, ModuleCallFacts, ModuleWorkerSettings, ToModule } from './module-messages.js'
import { moduleWorkerCode } from './module-worker-code.js'
import type { RunningCommand } from './runner.js'

interface ModuleWorkerOptions {
  /** What the log calls it. */
  readonly name: string
  readonly memoryBytesMax: number | undefined
  readonly clock: Clock
  readonly log: Log
}

/** A call of a module in a certain version. */
interface WorkerCall {
  readonly path: string
  readonly version: string
  readonly facts: ModuleCallFacts
  readonly hasStdin: boolean
}

interface CallUnderWay {
  readonly call: ModuleCall
  readonly url: string
  readonly facts: ModuleCallFacts
}

interface LoadedModule {
  readonly version: string
  isLoaded: boolean
  readonly loadTimer: Timer
}

/** A worker from its start to its end; it does not start again. */
export class ModuleWorker {
  /** The worker's end; never rejects. */
  readonly gone: Promise<void>
  readonly #options: ModuleWorkerOptions
  readonly #worker: Worker
  readonly #calls = new Map<number, CallUnderWay>()
  /** By their URLs. */
  readonly #modules = new Map<string, LoadedModule>()
  #nextId = 1
  #isRetired = false
  /** Why the worker ends, for the calls that are still in it; the first cause is kept. */
  #cause: string | undefined
  #idleTimer: Timer | undefined

  constructor(options: ModuleWorkerOptions) {
    const { name, clock, log, memoryBytesMax = moduleHeapBytesMax } = options
    this.#options = options
    const worker = new Worker(moduleWorkerCode, {
      eval: true,
      argv: [],
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      workerData: workerSettings,
      resourceLimits: { maxOldGenerationSizeMb: Math.max(1, Math.floor(memoryBytesMax / 2 ** 20)) },
    })
    this.#worker = worker
    const console = new ModuleLog({ name, log, clock })
    console.listen(worker.stdout)
    console.listen(worker.stderr)
    worker.on('message', (message: FromModule) => this.#receive(message))
    worker.on('error', (error) => this.#crash(error))
    this.gone = new Promise((resolve) => worker.once('exit', () => resolve(this.#over())))
  }

  /** Whether calls of a module may still be started in it: what a thread has loaded it cannot load anew. */
  canTake({ path, version }: { path: string; version: string }): boolean {
    const held = this.#modules.get(urlOf(path))?.version ?? version
    return this.#cause === undefined && !this.#isRetired && held === version
  }

  /** Starts a call. */
  start({ path, version, facts, hasStdin }: WorkerCall): RunningCommand {
    const url = urlOf(path)
    const module = this.#modules.get(url) ?? this.#load(url, version)
    const id = this.#nextId
    this.#nextId += 1
    const post = (message: ToModule): void => this.#worker.postMessage(message)
    const owner = {
      post,
      isLoaded: () => module.isLoaded,
      kill: () =>
        this.#end('its module was ended: another call in its worker did not stop when it was told to'),
      over: () => this.#forget(id),
    }
    this.#idleTimer?.cancel()
    const call = new ModuleCall({ id, hasStdin, clock: this.#options.clock, owner })
    this.#calls.set(id, { call, url, facts })
    post({ kind: 'call', id, url, facts, hasStdin })
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
        return this.#loaded(message.url)
      case 'not-loaded':
        return this.#failToLoad(message)
      case 'threw':
        return this.#options.log.warn('A module threw', {
          module: nameOf(message.url),
          reason: message.detail,
        })
      default:
        this.#calls.get(message.id)?.call.receive(message)
    }
  }

  #load(url: string, version: string): LoadedModule {
    const loadTimer = this.#options.clock.setTimer(moduleLoadMs, () => this.#giveUpLoading(url))
    const module = { version, isLoaded: false, loadTimer }
    this.#modules.set(url, module)
    return module
  }

  #loaded(url: string): void {
    const module = this.#modules.get(url)
    if (module === undefined) return
    module.isLoaded = true
    module.loadTimer.cancel()
    this.#rest()
  }

  /** What it does to the thread is not known, so its neighbours end with it. */
  #giveUpLoading(url: string): void {
    const reason = `its module was not loaded within ${moduleLoadMs / 1000} seconds`
    this.#failToLoad({ url, reason, detail: reason })
    this.#end('its module was ended: another one in its worker could not be loaded')
  }

  /** The next call loads it again, in another thread: this one would only remember that it failed. */
  #failToLoad({ url, reason, detail }: { url: string; reason: string; detail: string }): void {
    this.#options.log.error('A module cannot be loaded', { module: nameOf(url), reason: detail })
    this.#modules.get(url)?.loadTimer.cancel()
    for (const { call, url: called } of [...this.#calls.values()])
      if (called === url) call.finish({ kind: 'failed-to-start', reason })
    this.retire()
  }

  #crash(error: unknown): void {
    const isMemory = systemCodeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY'
    const reason = error instanceof Error ? (error.stack ?? error.message) : sentenceOf(error)
    this.#options.log.error('A module crashed', { module: this.#options.name, reason })
    this.#cause ??= isMemory
      ? 'its module ran out of memory'
      : "its module crashed; the daemon's log says why"
  }

  #end(cause: string): void {
    this.#cause ??= cause
    this.#cancelTimers()
    void this.#worker.terminate()
  }

  #cancelTimers(): void {
    this.#idleTimer?.cancel()
    for (const { loadTimer } of this.#modules.values()) loadTimer.cancel()
  }

  #over(): void {
    this.#cancelTimers()
    this.#cause ??= 'its module called process.exit()'
    for (const { call, facts } of [...this.#calls.values()])
      call.finish({ kind: 'exited', code: brokenCode }, `${facts.command}: ${this.#cause}\n`)
  }

  #forget(id: number): void {
    this.#calls.delete(id)
    this.#rest()
  }

  #rest(): void {
    if (this.#calls.size > 0 || this.#cause !== undefined) return
    if (this.#isRetired) return this.#end('its module was replaced')
    if ([...this.#modules.values()].some(({ isLoaded }) => !isLoaded)) return
    this.#idleTimer?.cancel()
    this.#idleTimer = this.#options.clock.setTimer(moduleIdleMs, () => this.#end('its module was idle'))
  }
}

const workerSettings: ModuleWorkerSettings = {
  windowBytes: moduleWindowBytes,
  chunkBytes: moduleChunkBytes,
  messageBytes: moduleMessageBytes,
}

function urlOf(path: string): string {
  return pathToFileURL(path).href
}

function nameOf(url: string): string {
  return basename(fileURLToPath(url), '.mjs')
}
