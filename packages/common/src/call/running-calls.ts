/**
 * The calls that a dispatcher has not finished: a daemon that stops ends them, and waits for their results and records.
 * Floor 5.
 */
import type { CallEnding } from './ending.js'

/** Calls on their way. */
export class RunningCalls {
  readonly #calls = new Map<CallEnding, Promise<void>>()

  /** Keeps a call until `served` resolves. */
  add(ending: CallEnding, served: Promise<void>): void {
    this.#calls.set(ending, served)
    void served.finally(() => this.#calls.delete(ending))
  }

  /** Ends them all, as if their callers' sessions had ended; resolves when the last command and its processes are gone. */
  async close(): Promise<void> {
    for (const ending of this.#calls.keys()) ending.lose()
    await Promise.all(this.#calls.values())
  }
}
