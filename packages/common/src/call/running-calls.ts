/**
 * The calls that a dispatcher has not finished: a daemon that stops ends them, and waits for their results and records.
 * Floor 5.
 */
import type { CallEnding } from './ending.js'

/** Calls on their way. */
export class RunningCalls {
  readonly #endings = new Set<CallEnding>()
  #onNone: () => void = () => undefined

  add(ending: CallEnding): void {
    this.#endings.add(ending)
  }

  delete(ending: CallEnding): void {
    this.#endings.delete(ending)
    if (this.#endings.size === 0) this.#onNone()
  }

  /** Ends them all, as if their callers' sessions had ended; resolves when the last command and its processes are gone. */
  async close(): Promise<void> {
    for (const ending of [...this.#endings]) ending.lose()
    if (this.#endings.size > 0) await new Promise<void>((resolve) => (this.#onNone = resolve))
  }
}
