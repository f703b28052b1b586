/**
 * A clock that moves only when a test says so.
 * Floor 0, for tests: exported by `@negotiator/common/testing`.
 */
import type { Clock, Timer } from './clock.js'

interface Pending {
  readonly dueMs: number
  readonly action: () => void
}

/** A clock under the test's control; timers fire in the order of their time. */
export class FakeClock implements Clock {
  #nowMs = 0
  readonly #pending = new Set<Pending>()

  now(): number {
    return this.#nowMs
  }

  setTimer(delayMs: number, action: () => void): Timer {
    const pending = { dueMs: this.#nowMs + delayMs, action }
    this.#pending.add(pending)
    return { cancel: () => void this.#pending.delete(pending) }
  }

  /** How many timers are set: a test asks at its end that none was forgotten. */
  get timerCount(): number {
    return this.#pending.size
  }

  /**
   * Moves time on, firing what falls due on the way; promises settle between two timers.
   * @param durationMs milliseconds to move
   */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs
    await settle()
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#nowMs = next.dueMs
      this.#pending.delete(next)
      next.action()
      await settle()
    }
    this.#nowMs = endMs
  }

  #nextDue(endMs: number): Pending | undefined {
    let first: Pending | undefined
    for (const pending of this.#pending) {
      if (pending.dueMs <= endMs && (first === undefined || pending.dueMs < first.dueMs)) first = pending
    }
    return first
  }
}

/** Lets everything run that is ready to run: microtasks and what paired channels have queued. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
