/**
 * Notices that the other side has gone silent, for a virtio port has no end-of-file.
 * Floor 3. It only asks and judges; PING frames are the session's business.
 */
import type { Clock, Timer } from '../clock.js'

/** How long silence may last. */
export interface HeartbeatTimes {
  /** Nothing heard for so long: ask. */
  readonly intervalMs: number
  /** Nothing heard for so long: dead. */
  readonly deadMs: number
}

interface HeartbeatOptions extends HeartbeatTimes {
  readonly clock: Clock
  /** Sends a PING. */
  readonly ask: () => void
  /** The other side is silent. */
  readonly dead: () => void
}

/** Watches one session. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #heardMs: number
  #timer: Timer

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#heardMs = options.clock.now()
    this.#timer = this.#wait()
  }

  /** Something came from the other side. */
  heard(): void {
    this.#heardMs = this.#options.clock.now()
  }

  /** How long nothing has been heard. */
  get silentMs(): number {
    return this.#options.clock.now() - this.#heardMs
  }

  stop(): void {
    this.#timer.cancel()
  }

  #wait(): Timer {
    return this.#options.clock.setTimer(this.#options.intervalMs, () => this.#judge())
  }

  #judge(): void {
    const { intervalMs, deadMs, ask, dead } = this.#options
    if (this.silentMs >= deadMs) {
      dead()
      return
    }
    // Before asking, for that may end the session and stop us.
    this.#timer = this.#wait()
    // The first judgement after something was heard comes up to one interval late; half of it keeps two ends, whose
    // timers run apart, from both asking.
    if (this.silentMs >= intervalMs / 2) ask()
  }
}
