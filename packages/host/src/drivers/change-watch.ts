/**
 * Looks at something again and again, and tells when it has changed.
 * What it looks at is told as text; it keeps no more than the last of it.
 */
import type { Clock, Timer } from '@negotiator/common'

interface ChangeWatchOptions {
  /** Says what there is now, failures included: it never rejects. */
  readonly look: () => Promise<string>
  readonly onChange: () => void
  /** It looks at least so often. */
  readonly intervalMs: number
  readonly clock: Clock
}

/** One watch, from its start to its end. */
export class ChangeWatch {
  readonly #options: ChangeWatchOptions
  #seen: string | undefined
  #isListedOtherwise = false
  #isClosed = false
  #interval: Timer | undefined
  #soon: Timer | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(options: ChangeWatchOptions) {
    this.#options = options
  }

  /** Takes the first look; only what differs from it is told. */
  async start(): Promise<void> {
    await this.lookNow()
  }

  /** Looks, after the look that is under way. */
  async lookNow(): Promise<void> {
    this.#work = this.#work.then(async () => await this.#look())
    await this.#work
  }

  /** Looks so much later; a burst of these is one look, and never later than the first of them asked. */
  lookSoon(delayMs: number): void {
    if (this.#isClosed) return
    this.#soon ??= this.#options.clock.setTimer(delayMs, () => {
      this.#soon = undefined
      void this.lookNow()
    })
  }

  /**
   * Takes note of what somebody was given between two looks. When it is not what was seen last, the next look is told in any
   * case: things may by then be as they were, and he would keep what he was given.
   */
  noteListed(state: string): void {
    if (state !== this.#seen) this.#isListedOtherwise = true
  }

  /** Tells nothing more, and resolves when it does not look any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#interval?.cancel()
    this.#soon?.cancel()
    await this.#work
  }

  async #look(): Promise<void> {
    const { look, onChange, intervalMs, clock } = this.#options
    if (this.#isClosed) return
    const state = await look()
    if (this.#isClosed) return
    this.#interval?.cancel()
    this.#interval = clock.setTimer(intervalMs, () => void this.lookNow())
    const isChanged = this.#seen !== undefined && (this.#isListedOtherwise || state !== this.#seen)
    this.#seen = state
    this.#isListedOtherwise = false
    if (isChanged) onChange()
  }
}
