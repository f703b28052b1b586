/**
 * Whose call is served next: one at a time, callers in turn, so that one with a thousand calls delays nobody's first.
 * Floor 5. A start blocks the event loop for a fork, and a heartbeat must not wait: each call has a turn of the loop of its
 * own.
 */
import type { Clock, Timer } from '../clock.js'
import { callsWaitingBytesMax, callsWaitingMax } from '../limits.js'
import type { Rate } from '../policy/rule.js'
import { TokenBucket } from './token-bucket.js'

/** What became of waiting: the turn came, too many waited already, or the caller left and is owed no more of our attention. */
export type Waited = 'turn' | 'full' | 'left'

interface Place {
  /** Whose it is. */
  readonly key: string
  /** How many calls of that caller are served in which time, if that is limited. */
  readonly rate?: Rate | undefined
  /** Fires when the call is over: then it holds nobody's place and no memory. */
  readonly signal: AbortSignal
  /** Of what the call asks for, which is held until then. */
  readonly requestBytes: number
}

interface Lane {
  /** In the order in which they came. */
  readonly waiting: Set<() => void>
  waitingBytes: number
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
  async next({ key, rate, signal, requestBytes }: Place): Promise<Waited> {
    const lane = this.#lanes.get(key) ?? this.#newLane(key, rate)
    const isTooMuch = lane.waiting.size > 0 && lane.waitingBytes + requestBytes > callsWaitingBytesMax
    if (isTooMuch || lane.waiting.size >= callsWaitingMax) return 'full'
    lane.waitingBytes += requestBytes
    const waited = await new Promise<Waited>((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve('turn')
      }
      const leave = (): void => {
        lane.waiting.delete(go)
        resolve(lane.bucket?.take() === false ? 'left' : 'turn')
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      lane.waiting.add(go)
      this.#schedule()
    })
    lane.waitingBytes -= requestBytes
    return waited
  }

  #newLane(key: string, rate: Rate | undefined): Lane {
    this.#dropIdle()
    const bucket = rate === undefined ? undefined : new TokenBucket(rate, this.#clock)
    const lane: Lane = { waiting: new Set(), waitingBytes: 0, bucket }
    this.#lanes.set(key, lane)
    return lane
  }

  #dropIdle(): void {
    for (const [key, { waiting, bucket }] of this.#lanes) {
      if (waiting.size === 0 && (bucket === undefined || bucket.isFull)) this.#lanes.delete(key)
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
      if (lane.waiting.size === 0 || lane.bucket?.take() === false) continue
      // To the end of the line.
      this.#lanes.delete(key)
      this.#lanes.set(key, lane)
      const [go] = lane.waiting
      if (go !== undefined) lane.waiting.delete(go)
      go?.()
      return this.#schedule()
    }
    const waits = [...this.#lanes.values()]
      .filter(({ waiting }) => waiting.size > 0)
      .map(({ bucket }) => bucket?.waitMs ?? 0)
    if (waits.length > 0)
      this.#timer = this.#clock.setTimer(Math.ceil(Math.min(...waits)), () => this.#schedule())
  }
}
