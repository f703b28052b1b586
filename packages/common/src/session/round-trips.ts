/**
 * How long round trips have taken lately: a window over the last ones, and totals over all.
 * Floor 3. Pure. It holds at most `roundTripsKeptMax` numbers, however long the daemon runs.
 */
import { roundTripsKeptMax } from '../limits.js'

/** Round trips in numbers. */
export interface RoundTripSummary {
  /** Milliseconds that half of the last trips kept within; `undefined` before the first. */
  readonly p50Ms: number | undefined
  /** Milliseconds that 99 of 100 of the last trips kept within. */
  readonly p99Ms: number | undefined
  /** All trips since the daemon's start. */
  readonly count: number
  /** What they took together. */
  readonly sumMs: number
}

/** The round trips to one peer. */
export class RoundTrips {
  /** A ring; made with the first trip, for most peers of a large host may be switched off. */
  #window: Float32Array | undefined
  #count = 0
  #sumMs = 0

  add(roundTripMs: number): void {
    this.#window ??= new Float32Array(roundTripsKeptMax)
    this.#window[this.#count % roundTripsKeptMax] = roundTripMs
    this.#count += 1
    this.#sumMs += roundTripMs
  }

  get summary(): RoundTripSummary {
    const sorted = this.#window?.slice(0, this.#count).sort() ?? []
    return {
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      count: this.#count,
      sumMs: this.#sumMs,
    }
  }
}

/** The smallest value that so large a share does not exceed. */
function quantile(sorted: ArrayLike<number>, share: number): number | undefined {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  // A window of singles is half the memory; a thousandth of a millisecond is more than they can tell.
  return value === undefined ? undefined : Math.round(value * 1000) / 1000
}
