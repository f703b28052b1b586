/**
 * So many in each period, with none saved for later than one period.
 * Floor 5. Pure but for the clock that is passed in.
 */
import type { Clock } from '../clock.js'
import type { Rate } from '../policy/rule.js'

/** A bucket that holds a period's tokens at most. */
export class TokenBucket {
  readonly #rate: Rate
  readonly #clock: Clock
  #tokens: number
  #filledMs: number

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
    this.#tokens = rate.count
    this.#filledMs = clock.now()
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#fill()
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Whether nothing has been taken for so long that a new bucket would be the same. */
  get isFull(): boolean {
    this.#fill()
    return this.#tokens >= this.#rate.count
  }

  /** How long until there is a token, in milliseconds; 0 when there is one. */
  get waitMs(): number {
    this.#fill()
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * this.#rate.periodMs) / this.#rate.count
  }

  #fill(): void {
    const { count, periodMs } = this.#rate
    const nowMs = this.#clock.now()
    this.#tokens = Math.min(count, this.#tokens + ((nowMs - this.#filledMs) * count) / periodMs)
    this.#filledMs = nowMs
  }
}
