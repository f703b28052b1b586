/**
 * Whose call is served next: one at a time, callers in turn, so that one with a thousand calls delays nobody's first.
 * Floor 5. A start blocks the event loop for a fork, and a heartbeat must not wait: each call has a turn of the loop of its
 * own.
 */
import type { Clock, Timer } from '../clock.js'
import { callsWaitingMax } from '../limits.js'
import type { Rate } from '../policy/rule.js'
import { TokenBucket } from './token-bucket.js'

interface Lane {
  readonly waiting: (() => void)[]
  readonly bucket: TokenBucket | undefined
}

/** Lines up calls. */
export class Turns {
  readonly #clock: Clock
  /** In the order of their turns. A lane goes once it is empty and its caller is owed its whole rate again. */
  readonly #lanes = new Map<string, Lane>()
  #isScheduled = false
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Callers that are remembered. */
  get callerCount(): number {
    return this.#lanes.size
  }

  /**
   * Waits for a turn.
   * @returns whether it came; `false` at once when too many of that caller wait already
   * @param place whose it is, and how many calls of that caller are served in which time, if that is limited
   */
  async next({ key, rate }: { key: string; rate?: Rate | undefined }): Promise<boolean> {
    const lane = this.#lanes.get(key) ?? this.#newLane(key, rate)
    if (lane.waiting.length >= callsWaitingMax) return false
    await new Promise<void>((resolve) => {
      lane.waiting.push(resolve)
      this.#schedule()
    })
    return true
  }

  #newLane(key: string, rate: Rate | undefined): Lane {
    this.#dropIdle()
    const bucket = rate === undefined ? undefined : new TokenBucket(rate, this.#clock)
    const lane: Lane = { waiting: [], bucket }
    this.#lanes.set(key, lane)
    return lane
  }

  #dropIdle(): void {
    for (const [key, { waiting, bucket }] of this.#lanes) {
      if (waiting.length === 0 && (bucket === undefined || bucket.isFull)) this.#lanes.delete(key)
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#next()
    })
  }

  #next(): void {
    this.#timer?.cancel()
    for (const [key, lane] of this.#lanes) {
      if (lane.waiting.length === 0 || lane.bucket?.take() === false) continue
      // To the end of the line.
      this.#lanes.delete(key)
      this.#lanes.set(key, lane)
      lane.waiting.shift()?.()
      return this.#schedule()
    }
    const waits = [...this.#lanes.values()]
      .filter(({ waiting }) => waiting.length > 0)
      .map(({ bucket }) => bucket?.waitMs ?? 0)
    if (waits.length > 0)
      this.#timer = this.#clock.setTimer(Math.ceil(Math.min(...waits)), () => this.#schedule())
  }
}
