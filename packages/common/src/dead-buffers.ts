/**
 * Gives dead buffers back in time while much data passes.
 * Floor 0. V8 counts a buffer as a few bytes and lets 32 MiB of dead ones pile up before it looks for them
 * (`Heap::AllocateExternalBackingStore`), which would be most of a daemon's memory. So we ask for a minor collection, which
 * takes a millisecond or less, each time that some MiB have passed.
 */
import { exposeCollectGarbage } from './collect-garbage.js'
import type { CollectGarbage } from './collect-garbage.js'

/** Bytes that pass between two collections. */
const sweepEachBytes: number = 8 * 1024 * 1024

/** Counts what passes on one channel. */
export class BufferSweeper {
  #unsweptBytes = 0

  /** So many bytes have passed in buffers that are, or soon will be, dead. */
  passed(byteCount: number): void {
    this.#unsweptBytes += byteCount
    if (this.#unsweptBytes < sweepEachBytes) return
    this.#unsweptBytes = 0
    collectYoung()
  }
}

let collect: CollectGarbage | undefined

/** It is exposed at its first use: a program that lives shortly never pays for it. */
function collectYoung(): void {
  collect ??= exposeCollectGarbage()
  collect({ type: 'minor' })
}
