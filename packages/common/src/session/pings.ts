/**
 * The round trips that a session has under way: a PING's number, and who waits for its PONG.
 * Floor 3.
 */
import type { Clock } from '../clock.js'

/** Numbers PINGs and measures the trips that somebody waits for. */
export class Pings {
  readonly #clock: Clock
  /** What to do when a PONG brings its number back, or with `undefined` when none will. */
  readonly #waiting = new Map<number, (pongMs: number | undefined) => void>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The next PING's number. */
  next(): number {
    this.#last = (this.#last + 1) % 0x1_0000_0000
    return this.#last
  }

  /** Waits for the answer to a PING that leaves now. @returns milliseconds; `undefined` when none will come */
  async trip(token: number): Promise<number | undefined> {
    const startedMs = this.#clock.now()
    return await new Promise((resolve) => {
      this.#waiting.set(token, (pongMs) => resolve(pongMs === undefined ? undefined : pongMs - startedMs))
    })
  }

  /** A PONG has come. */
  answered(token: number): void {
    this.#waiting.get(token)?.(this.#clock.now())
    this.#waiting.delete(token)
  }

  /** None will come any more. */
  close(): void {
    for (const answer of this.#waiting.values()) answer(undefined)
    this.#waiting.clear()
  }
}
