/**
 * Readiness by hand: a port is told when a test says so.
 * For tests.
 */
import type { Readiness } from './readiness.js'

/** Watches nothing by itself. */
export class HandReadiness implements Readiness {
  /** What is said of all ports; `false` is what is said where nobody knows. */
  areQuiet = false
  readonly #watched = new Map<number, () => boolean>()

  watch(descriptor: number, onReady: () => boolean): () => void {
    this.#watched.set(descriptor, onReady)
    return () => void this.#watched.delete(descriptor)
  }

  isQuiet(): boolean {
    return this.areQuiet
  }

  close(): void {
    this.#watched.clear()
  }

  /** The descriptors that are watched now. */
  get descriptors(): readonly number[] {
    return [...this.#watched.keys()]
  }

  /** Tells all that something may have happened. @returns whether bytes have moved, as each answered */
  tell(): readonly boolean[] {
    return [...this.#watched.values()].map((onReady) => onReady())
  }
}
