/**
 * Keeps a long-running daemon small: V8 lets the young generation grow to 32 MiB under a flood and lets twice as much of dead
 * memory pile up, and gives neither back while there is no need.
 * Floor 0. For daemons only: it changes the whole process, and programs that live shortly never notice.
 */
import { performance, PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { collector } from './collector.js'

const youngMib = 1

/** How much the process may grow before all that is dead is looked for. */
const growthBytesMax: number = 8 * 1024 * 1024

/** How often that is considered; after a collection, how many times as long as it took, so that it costs a twentieth at most. */
const lookEachMs = 250
const restRatio = 20

/** Bounds the young generation of this process from its next collection on, and has dead memory given back as it grows. */
export function keepHeapLean(): void {
  setFlagsFromString(`--max-semi-space-size=${youngMib}`)
  setFlagsFromString('--semi-space-growth-factor=1')
  const growth = new Growth()
  // Each MiB of garbage ends in a collection, so there is work when there is work, and no timer when there is none.
  new PerformanceObserver(() => growth.look()).observe({ entryTypes: ['gc'] })
}

/** How much the process has grown since all that was dead was given back. */
class Growth {
  #leanBytes = process.memoryUsage.rss()
  #nextLookMs = 0

  look(): void {
    const nowMs = performance.now()
    if (nowMs < this.#nextLookMs) return
    const bytes = process.memoryUsage.rss()
    this.#leanBytes = Math.min(this.#leanBytes, bytes)
    if (bytes - this.#leanBytes >= growthBytesMax) this.#collect()
    this.#nextLookMs = nowMs + Math.max(lookEachMs, restRatio * (performance.now() - nowMs))
  }

  #collect(): void {
    collector.collectAll()
    this.#leanBytes = process.memoryUsage.rss()
  }
}
