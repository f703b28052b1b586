/**
 * What came so shortly before its channel's end that it may be of whoever is on the next one.
 * Floor 6. A guest hears that a program of the host's has left, and that the next one is there, by another way than what they
 * say. So a request may come before its sender is announced, and before the one before is known to have left.
 */
import type { Clock, Timer } from '../clock.js'
import { earlyLetterKeptMs, earlyLetterMs, earlyLetterSettleMs } from './dialect-limits.js'

/** Keeps them from one channel to the next. */
export class EarlyLetters<Letter extends { readonly arrivedMs: number }> {
  readonly #clock: Clock
  #kept: readonly Letter[] = []
  #settling: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The time that ages are told from. */
  get nowMs(): number {
    return this.#clock.now()
  }

  /** The channel is over, and these are not answered. */
  unplugged(letters: readonly Letter[]): void {
    this.#settling?.cancel()
    this.#kept = this.#youngerThan(earlyLetterMs, [...this.#kept, ...letters])
  }

  /** There is a channel. Whoever is on it asks at once, or has asked already: then `take` is given what is kept. */
  plugged(take: (letters: readonly Letter[]) => void): void {
    this.#kept = this.#youngerThan(earlyLetterKeptMs, this.#kept)
    if (this.#kept.length === 0) return
    this.#settling = this.#clock.setTimer(earlyLetterSettleMs, () => {
      const kept = this.#kept
      this.#kept = []
      take(kept)
    })
  }

  /** Somebody asks on this channel: it was another one who asked before. */
  forget(): void {
    this.#settling?.cancel()
    this.#kept = []
  }

  #youngerThan(ageMs: number, letters: readonly Letter[]): readonly Letter[] {
    const { nowMs } = this
    return letters.filter(({ arrivedMs }) => nowMs - arrivedMs < ageMs)
  }
}
