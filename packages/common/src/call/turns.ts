/**
 * Whose call is served next: one at a time, callers in turn, so that one with a thousand calls delays nobody's first; of each
 * caller only so many are under way, and so many in a time.
 * Floor 5. A start blocks the event loop for a fork, and a heartbeat must not wait: each call has a turn of the loop of its
 * own.
 */
import type { Clock, Timer } from '../clock.js'
import { callsWaitingBytesMax, callsWaitingMax, turnPatienceMs } from '../limits.js'
import type { Rate } from '../policy/rule.js'
import { TokenBucket } from './token-bucket.js'

/**
 * What became of waiting: the turn came, and ends with `over`; too many waited already; it did not come in time; or the caller
 * left and is owed no more of our attention.
 */
export type Waited = 'turn' | 'full' | 'late' | 'left'

interface Place {
  /** Whose it is. */
  readonly key: string
  /** How many calls of that caller are served in which time, if that is limited. */
  readonly rate?: Rate | undefined
  /** How many of that caller's calls are under way at most. */
  readonly countMax: number
  /** Of what the call asks for, which is held until then. */
  readonly requestBytes: number
  /** Told once what became of waiting. */
  readonly settle: (waited: Waited) => void
}

/** Calls that wait for something. */
export interface Line {
  readonly callCount: number
  readonly isFull: boolean
}

/** A call in line. A thousand may wait, so it is one small object: no promise, no timer, no signal of its own. */
interface Waiting {
  readonly place: Place
  readonly sinceMs: number
}

interface Lane {
  /** In the order in which they came. */
  readonly waiting: Set<Waiting>
  waitingBytes: number
  underWay: number
  readonly countMax: number
  readonly bucket: TokenBucket | undefined
  /** Ends the waiting of those who have waited too long; set while anybody waits. */
  patience: Timer | undefined
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

  /** How many of a caller's calls wait, and whether the next is answered `busy`. */
  lineOf(key: string): Line {
    const lane = this.#lanes.get(key)
    if (lane === undefined) return { callCount: 0, isFull: false }
    const { waiting, waitingBytes } = lane
    const isFull = waiting.size >= callsWaitingMax || waitingBytes >= callsWaitingBytesMax
    return { callCount: waiting.size, isFull }
  }

  /**
   * Lines a call up.
   * @returns a function for a call that is over before its turn: it has its turn at once, if the rate allows, for then its end
   *   is on record like others; and it holds nobody's place and no memory. Later it does nothing
   */
  enter(place: Place): () => void {
    const lane = this.#lanes.get(place.key) ?? this.#newLane(place)
    const waiting: Waiting = { place, sinceMs: this.#clock.now() }
    const isTooMuch = lane.waiting.size > 0 && lane.waitingBytes + place.requestBytes > callsWaitingBytesMax
    if (isTooMuch || lane.waiting.size >= callsWaitingMax) place.settle('full')
    else {
      lane.waiting.add(waiting)
      lane.waitingBytes += place.requestBytes
      lane.patience ??= this.#patience(lane, turnPatienceMs)
      this.#schedule()
    }
    return () => {
      if (lane.waiting.has(waiting)) settle(lane, waiting, lane.bucket?.take() === false ? 'left' : 'turn')
    }
  }

  /** A call of this caller that had its turn has ended. */
  over(key: string): void {
    const lane = this.#lanes.get(key)
    if (lane === undefined) return
    lane.underWay -= 1
    if (lane.waiting.size > 0) this.#schedule()
  }

  /** Whoever waits for the rate alone has a turn in the end. */
  #patience(lane: Lane, delayMs: number): Timer {
    return this.#clock.setTimer(delayMs, () => {
      const sinceMsMax = this.#clock.now() - turnPatienceMs
      const isLate = !hasRoom(lane)
      for (const waiting of isLate ? lane.waiting : []) {
        if (waiting.sinceMs > sinceMsMax) break
        settle(lane, waiting, 'late')
      }
      const [first] = lane.waiting
      const restMs = isLate && first !== undefined ? first.sinceMs - sinceMsMax : turnPatienceMs
      lane.patience = first && this.#patience(lane, restMs)
    })
  }

  #newLane({ key, rate, countMax }: Place): Lane {
    this.#dropIdle()
    const bucket = rate === undefined ? undefined : new TokenBucket(rate, this.#clock)
    const lane: Lane = {
      waiting: new Set(),
      waitingBytes: 0,
      underWay: 0,
      countMax,
      bucket,
      patience: undefined,
    }
    this.#lanes.set(key, lane)
    return lane
  }

  #dropIdle(): void {
    for (const [key, { waiting, underWay, bucket }] of this.#lanes) {
      const isIdle = waiting.size === 0 && underWay === 0
      if (isIdle && (bucket === undefined || bucket.isFull)) this.#lanes.delete(key)
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
      if (!hasNext(lane) || lane.bucket?.take() === false) continue
      // To the end of the line.
      this.#lanes.delete(key)
      this.#lanes.set(key, lane)
      const [first] = lane.waiting
      if (first !== undefined) settle(lane, first, 'turn')
      return this.#schedule()
    }
    const waits = [...this.#lanes.values()].filter(hasNext).map(({ bucket }) => bucket?.waitMs ?? 0)
    if (waits.length > 0)
      this.#timer = this.#clock.setTimer(Math.ceil(Math.min(...waits)), () => this.#schedule())
  }
}

function settle(lane: Lane, waiting: Waiting, waited: Waited): void {
  const { place } = waiting
  lane.waiting.delete(waiting)
  lane.waitingBytes -= place.requestBytes
  if (waited === 'turn') lane.underWay += 1
  if (lane.waiting.size === 0) {
    lane.patience?.cancel()
    lane.patience = undefined
  }
  place.settle(waited)
}

/** Whether the first who waits may go, but for the rate; else whoever ends makes room. */
function hasNext(lane: Lane): boolean {
  return lane.waiting.size > 0 && hasRoom(lane)
}

function hasRoom({ underWay, countMax }: Lane): boolean {
  return underWay < countMax
}
