/**
 * Gives memory back that was freed: the C library keeps all but the topmost of it for the next who asks, some 20 MiB after a flood
 * of small buffers.
 * Floor 1. For daemons only.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import type { Koffi } from './koffi.js'

/** What a collection of garbage frees is given back so much later: it is freed on other threads, and takes a while. */
const returnMs = 100

/**
 * Has freed memory given back, a little after each collection of garbage; without work there is none, and no timer.
 * @throws when the C library has no malloc_trim(3): only glibc has
 */
export function returnFreedMemory(koffi: Koffi): void {
  const trim: (keptBytes: number) => number = koffi.load(null).func('int malloc_trim(size_t pad)')
  let timer: NodeJS.Timeout | undefined
  const observer = new PerformanceObserver(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      trim(0)
    }, returnMs).unref()
  })
  observer.observe({ entryTypes: ['gc'] })
}
