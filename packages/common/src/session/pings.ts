/**
 * The round trips that a session has under way: a PING's number, when it left, and who waits for its PONG.
 * Floor 3.
 */
import type { Clock } from '../clock.js'
import { pingsTimedMax } from '../limits.js'

interface PingsOptions {
  readonly clock: Clock
  /** Told of each trip that is over, whoever asked for it. */
  readonly onTrip: (roundTripMs: number) => void
}

/** Numbers PINGs and measures their trips. */
export class Pings {
  readonly #options: PingsOptions
  /** When each PING left. A peer that answers none must not have them pile up, so the oldest is forgotten. */
  readonly #leftMs = new Map<number, number>()
  /** What to do when a PONG brings its number back, or with `undefined` when none will. */
  readonly #waiting = new Map<number, (pongMs: number | undefined) => void>()
  #last = 0

  constructor(options: PingsOptions) {
    this.#options = options
  }

  /** The next PING's number; it leaves now. */
  next(): number {
    this.#last = (this.#last + 1) % 0x1_0000_0000
    this.#leftMs.set(this.#last, this.#options.clock.now())
    const [oldest] = this.#leftMs.keys()
    if (oldest !== undefined && this.#leftMs.size > pingsTimedMax) this.#leftMs.delete(oldest)
    return this.#last
  }

  /** Waits for the answer to a PING that leaves now. @returns milliseconds; `undefined` when none will come */
  async trip(token: number): Promise<number | undefined> {
    const startedMs = this.#options.clock.now()
    return await new Promise((resolve) => {
      this.#waiting.set(token, (pongMs) => resolve(pongMs === undefined ? undefined : pongMs - startedMs))
    })
  }

  /** A PONG has come. */
  answered(token: number): void {
    const { clock, onTrip } = this.#options
    const nowMs = clock.now()
    const leftMs = this.#leftMs.get(token)
    if (leftMs !== undefined) onTrip(nowMs - leftMs)
    this.#leftMs.delete(token)
    this.#waiting.get(token)?.(nowMs)
    this.#waiting.delete(token)
  }

  /** None will come any more. */
  close(): void {
    for (const answer of this.#waiting.values()) answer(undefined)
    this.#waiting.clear()
    this.#leftMs.clear()
  }
}
