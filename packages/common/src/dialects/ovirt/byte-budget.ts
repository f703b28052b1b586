/**
 * How much of one guest's messages is read in a minute, so that one that floods costs its host little.
 * Floor 6. Pure but for the clock that is passed in.
 */
import type { Clock } from '../../clock.js'
import { ovirtBytesPerMinute, ovirtMessageBytesMin } from './ovirt-limits.js'

const minuteMs = 60_000

/** A minute's bytes at most, filled again all the time. */
export class ByteBudget {
  readonly #clock: Clock
  #bytes = ovirtBytesPerMinute
  #filledMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#filledMs = clock.now()
  }

  /** Pays for a message if there is enough. */
  pay(byteCount: number): boolean {
    const nowMs = this.#clock.now()
    const gained = ((nowMs - this.#filledMs) * ovirtBytesPerMinute) / minuteMs
    this.#bytes = Math.min(ovirtBytesPerMinute, this.#bytes + gained)
    this.#filledMs = nowMs
    const price = Math.max(byteCount, ovirtMessageBytesMin)
    if (price > this.#bytes) return false
    this.#bytes -= price
    return true
  }
}
