/**
 * Raises the phases of the guests' lives: in order for each guest, for several guests at once.
 * Nothing waits for it: no call, no guest. What a guest can cause by coming and going is bounded.
 */
import { sentenceOf } from '@negotiator/common'
import type { Log, PeerState, PhaseName, RunPhase, Subject } from '@negotiator/common'
import type { FoundGuest } from '../drivers/driver.js'
import { livePhases, unborn } from './life-phases.js'
import type { GuestLifeState } from './life-phases.js'

/** Guests whose hooks run at the same time. */
const guestsAtOnceMax = 8

/** Phases of one guest that wait for its hooks; the next is dropped, for a guest may come and go as often as it likes. */
const waitingPerGuestMax = 32

interface GuestLifeOptions {
  readonly runPhase: RunPhase
  readonly log: Log
}

interface Raised {
  readonly phase: PhaseName
  readonly subject: Subject
}

/** What `status` tells. */
export interface GuestLifeStatus {
  readonly guestsRunning: number
  readonly phasesWaiting: number
  /** Not raised, for too many of a guest were waiting. */
  readonly phasesDropped: number
}

/** The lives of all guests. */
export class GuestLife {
  readonly #options: GuestLifeOptions
  readonly #stop = new AbortController()
  readonly #known = new Map<string, GuestLifeState>()
  /** By guest; those that have waited longest come first. */
  readonly #waiting = new Map<string, readonly Raised[]>()
  readonly #running = new Map<string, Promise<void>>()
  #isSettled = false
  #dropped = 0

  constructor(options: GuestLifeOptions) {
    this.#options = options
  }

  /** The guests that are there have been found: whoever comes from now on has been started. */
  settle(): void {
    this.#isSettled = true
  }

  /** Takes note of how a guest is. */
  seen({ name, uuid }: Pick<FoundGuest, 'name' | 'uuid'>, state: PeerState | 'gone'): void {
    if (this.#stop.signal.aborted) return
    const key = uuid ?? name
    const first = this.#isSettled ? unborn : { ...unborn, isOn: true }
    const known = this.#known.get(key)
    // One that is off when it is first seen has not been stopped.
    const before = known ?? (state === 'off' ? unborn : first)
    const { after, phases } = livePhases(before, state)
    if (state === 'gone') this.#known.delete(key)
    else this.#known.set(key, after)
    for (const phase of phases) this.#raise(key, { phase, subject: { guest: { name, uuid }, state } })
  }

  get status(): GuestLifeStatus {
    const phasesWaiting = [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0)
    return { guestsRunning: this.#running.size, phasesWaiting, phasesDropped: this.#dropped }
  }

  /** Ends what runs, and forgets what waits. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#waiting.clear()
    await Promise.all(this.#running.values())
  }

  #raise(key: string, raised: Raised): void {
    const waiting = this.#waiting.get(key) ?? []
    if (waiting.length < waitingPerGuestMax) {
      this.#waiting.set(key, [...waiting, raised])
      return this.#runNext()
    }
    this.#dropped += 1
    const { phase, subject } = raised
    const guest = subject.guest?.name
    this.#options.log.warn('Too many phases of a guest wait for its hooks, and one is left out', {
      phase,
      guest,
    })
  }

  #runNext(): void {
    for (const [key, [raised, ...others]] of this.#waiting) {
      if (this.#running.size >= guestsAtOnceMax) return
      if (this.#running.has(key) || raised === undefined) continue
      this.#waiting.delete(key)
      // Behind the other guests.
      if (others.length > 0) this.#waiting.set(key, others)
      this.#running.set(key, this.#run(key, raised))
    }
  }

  async #run(key: string, { phase, subject }: Raised): Promise<void> {
    try {
      await this.#options.runPhase({ phase, subject, signal: this.#stop.signal })
    } catch (error) {
      this.#options.log.warn(sentenceOf(error), { phase, guest: subject.guest?.name })
    }
    this.#running.delete(key)
    this.#runNext()
  }
}
