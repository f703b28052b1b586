/**
 * Does something when it is asked to, but not more often than so: the first time at once, what is asked soon after together.
 * Floor 7. For what a peer can bring about as often as it likes and everybody on this machine pays for.
 */
import type { Clock, Timer } from '../clock.js'

interface PacedOptions {
  readonly clock: Clock
  /** The shortest time between two times. */
  readonly intervalMs: number
  readonly action: () => void
}

/** One thing to do. */
export class Paced {
  readonly #options: PacedOptions
  /** Set while it was done lately. */
  #timer: Timer | undefined
  #isAsked = false

  constructor(options: PacedOptions) {
    this.#options = options
  }

  /** Does it now, or once the interval is over. */
  ask(): void {
    if (this.#timer !== undefined) {
      this.#isAsked = true
      return
    }
    this.#timer = this.#options.clock.setTimer(this.#options.intervalMs, () => this.#rested())
    this.#options.action()
  }

  #rested(): void {
    this.#timer = undefined
    if (!this.#isAsked) return
    this.#isAsked = false
    this.ask()
  }
}
