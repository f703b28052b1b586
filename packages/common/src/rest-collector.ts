/**
 * Collects all that has died once work is over: V8 may leave it until there is work again, and a daemon that has served many
 * calls would hold it for as long as nobody calls.
 * Floor 0. It never wakes an idle daemon: only V8's own collections of the young generation, which work alone brings about, set
 * its timer.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks'
import type { Clock, Timer } from './clock.js'
import { exposeCollectGarbage } from './collect-garbage.js'
import { restCollectionsMin, restMs } from './limits.js'

interface RestCollectorOptions {
  readonly clock: Clock
  readonly collect: () => void
}

/** Knows when work is over. */
export class RestCollector {
  readonly #options: RestCollectorOptions
  #collectionCount = 0
  #workedMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  constructor(options: RestCollectorOptions) {
    this.#options = options
  }

  /** V8 has collected the young generation so often. */
  worked(collectionCount: number): void {
    const { clock } = this.#options
    this.#collectionCount += collectionCount
    this.#workedMs = clock.now()
    if (this.#collectionCount >= restCollectionsMin) this.#timer ??= this.#wait(restMs)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #wait(delayMs: number): Timer {
    return this.#options.clock.setTimer(delayMs, () => {
      const leftMs = this.#workedMs + restMs - this.#options.clock.now()
      this.#timer = leftMs > 0 ? this.#wait(leftMs) : undefined
      if (leftMs > 0) return
      this.#collectionCount = 0
      this.#options.collect()
    })
  }
}

/** Collects whenever this process comes to rest. @returns stops that */
export function collectAtRest(clock: Clock): () => void {
  const collector = new RestCollector({ clock, collect: () => exposeCollectGarbage()() })
  const observer = new PerformanceObserver((list) => {
    const minorCount = list.getEntries().filter(isMinor).length
    if (minorCount > 0) collector.worked(minorCount)
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => {
    observer.disconnect()
    collector.stop()
  }
}

function isMinor(entry: object): boolean {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined
  const kind: unknown = typeof detail === 'object' && detail !== null && 'kind' in detail && detail.kind
  return kind === constants.NODE_PERFORMANCE_GC_MINOR
}
