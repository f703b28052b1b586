/**
 * Whether a guest's agent is there: it has said something not long ago.
 * Floor 6.
 */
import type { Clock, Timer } from '../../clock.js'
import { ovirtResponsiveMs } from './ovirt-limits.js'

interface PresenceOptions {
  readonly clock: Clock
  /** Whether it is responsive has changed while it is connected. */
  readonly onChange: () => void
}

/** Takes note of one agent. */
export class Presence {
  readonly #options: PresenceOptions
  #isResponsive = false
  #heardMs: number | undefined
  #silence: Timer | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  get isResponsive(): boolean {
    return this.#isResponsive
  }

  /** How long ago it said something; `undefined`: it never has. */
  get silentMs(): number | undefined {
    return this.#heardMs === undefined ? undefined : this.#options.clock.now() - this.#heardMs
  }

  /** It has said something. */
  heard(): void {
    this.#heardMs = this.#options.clock.now()
    if (this.#isResponsive) return
    this.#isResponsive = true
    this.#awaitSilence(ovirtResponsiveMs)
    this.#options.onChange()
  }

  /** It is not connected any more. */
  gone(): void {
    this.#silence?.cancel()
    this.#isResponsive = false
  }

  /** One timer for many messages: it looks at its end when the last one came. */
  #awaitSilence(delayMs: number): void {
    this.#silence = this.#options.clock.setTimer(delayMs, () => {
      const leftMs = ovirtResponsiveMs - (this.silentMs ?? 0)
      if (leftMs > 0) return this.#awaitSilence(leftMs)
      this.#isResponsive = false
      this.#options.onChange()
    })
  }
}
