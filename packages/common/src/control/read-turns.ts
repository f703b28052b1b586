/**
 * Shares each turn of the event loop among local programs: when what they sent has taken long enough in a turn, the rest is
 * read in later turns, one program after another. So a flood on the control socket leaves most of each turn to guests.
 * Floor 7. Nothing is lost: what is not read waits in the kernel, and its sender with it.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../clock.js'
import { controlTurnMs } from '../limits.js'

/** What can be told to wait. */
export type ReadSource = Pick<Socket, 'pause' | 'resume'>

/** The programs of one control socket. */
export class ReadTurns {
  readonly #clock: Clock
  readonly #waiting = new Set<ReadSource>()
  #tookMs = 0
  #nextTurn: NodeJS.Immediate | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes what a source gave; when the turn has had enough, that source waits for its next one. */
  take(source: ReadSource, action: () => void): void {
    const beganMs = this.#clock.now()
    action()
    this.#tookMs += this.#clock.now() - beganMs
    this.#nextTurn ??= setImmediate(() => this.#begin())
    if (this.#tookMs < controlTurnMs) return
    source.pause()
    this.#waiting.add(source)
  }

  /** A source is over. */
  forget(source: ReadSource): void {
    this.#waiting.delete(source)
  }

  #begin(): void {
    this.#tookMs = 0
    this.#nextTurn = undefined
    const [source] = this.#waiting
    if (source === undefined) return
    this.#waiting.delete(source)
    // Also when this one says nothing more: the others must not wait for it.
    if (this.#waiting.size > 0) this.#nextTurn = setImmediate(() => this.#begin())
    source.resume()
  }
}
