/**
 * Requests that wait for a sign of life: nothing is written to somebody who would read it late.
 * Floor 3. What is written to a paused VM or a stopped daemon lies there until it comes back.
 */
import { freshnessMs } from '../limits.js'
import type { CallingStream } from './calling-stream.js'

interface UnsentRequestsOptions {
  /** How long nothing has been heard. */
  readonly silentMs: () => number
  /** Asks for a sign of life. */
  readonly ask: () => void
}

/** Lets requests go as soon as somebody is there. */
export class UnsentRequests {
  readonly #options: UnsentRequestsOptions
  #waiting: CallingStream[] = []

  constructor(options: UnsentRequestsOptions) {
    this.#options = options
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.length
  }

  /** Begins a call, now or when something is heard. */
  begin(stream: CallingStream): void {
    const isFirst = this.#waiting.length === 0
    if (isFirst && this.#options.silentMs() < freshnessMs) return stream.begin()
    if (isFirst) this.#options.ask()
    this.#waiting.push(stream)
  }

  /** Something was heard. */
  heard(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const stream of waiting) stream.begin()
  }

  /** Nothing will be heard any more; whose calls these are is told elsewhere. */
  forget(): void {
    this.#waiting = []
  }
}
