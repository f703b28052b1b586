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
  /** Fires when the call is over: then it holds nobody's place and no memory. */
  readonly signal: AbortSignal
  /** Of what the call asks for, which is held until then. */
  readonly requestBytes: number
}

interface Lane {
  /** In the order in which they came. */
  readonly waiting: Set<() => void>
  waitingBytes: number
  underWay: number
  readonly countMax: number
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

  /** Waits for a turn. Who leaves in time has it at once, if the rate allows: then the call's end is on record like others. */
  async next(place: Place): Promise<Waited> {
    const lane = this.#lanes.get(place.key) ?? this.#newLane(place)
    const isTooMuch = lane.waiting.size > 0 && lane.waitingBytes + place.requestBytes > callsWaitingBytesMax
    if (isTooMuch || lane.waiting.size >= callsWaitingMax) return 'full'
    lane.waitingBytes += place.requestBytes
    const waited = await this.#waitIn(lane, place.signal)
    lane.waitingBytes -= place.requestBytes
    if (waited === 'turn') lane.underWay += 1
    return waited
  }

  /** A call of this caller that had its turn has ended. */
  over(key: string): void {
    const lane = this.#lanes.get(key)
    if (lane === undefined) return
    lane.underWay -= 1
    if (lane.waiting.size > 0) this.#schedule()
  }

  async #waitIn(lane: Lane, signal: AbortSignal): Promise<Waited> {
    return await new Promise<Waited>((resolve) => {
      const settle = (waited: Waited): void => {
        lane.waiting.delete(go)
        signal.removeEventListener('abort', leave)
        patience.cancel()
        resolve(waited)
      }
      const go = (): void => settle('turn')
      const leave = (): void => settle(lane.bucket?.take() === false ? 'left' : 'turn')
      // Whoever waits for the rate alone has a turn in the end.
      const look = (): void => {
        if (!hasRoom(lane)) return settle('late')
        patience = this.#clock.setTimer(turnPatienceMs, look)
      }
      let patience = this.#clock.setTimer(turnPatienceMs, look)
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      lane.waiting.add(go)
      this.#schedule()
    })
  }

  #newLane({ key, rate, countMax }: Place): Lane {
    this.#dropIdle()
    const bucket = rate === undefined ? undefined : new TokenBucket(rate, this.#clock)
    const lane: Lane = { waiting: new Set(), waitingBytes: 0, underWay: 0, countMax, bucket }
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
      const [go] = lane.waiting
      go?.()
      return this.#schedule()
    }
    const waits = [...this.#lanes.values()].filter(hasNext).map(({ bucket }) => bucket?.waitMs ?? 0)
    if (waits.length > 0)
      this.#timer = this.#clock.setTimer(Math.ceil(Math.min(...waits)), () => this.#schedule())
  }
}

/** Whether the first who waits may go, but for the rate; else whoever ends makes room. */
function hasNext(lane: Lane): boolean {
  return lane.waiting.size > 0 && hasRoom(lane)
}

function hasRoom({ underWay, countMax }: Lane): boolean {
  return underWay < countMax
}
