/**
 * Shares each turn of the event loop among sockets: when what they brought has taken long enough in a turn, the rest is taken
 * in later turns, one socket after another. So a flood on the control socket leaves most of each turn to guests, and one
 * guest's flood leaves the next turn to the others.
 * Floor 1. Nothing is lost: what is not read waits in the kernel, and its sender with it.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../clock.js'
import { readTurnMs } from '../limits.js'

/** What can be told to wait. */
export type ReadSource = Pick<Socket, 'pause' | 'resume'>

interface Chunk {
  readonly bytes: Buffer
  readonly take: (piece: Buffer) => void
}

/** Sockets that share their time: the programs of a control socket, or the guests of a host. */
export class ReadTurns {
  readonly #clock: Clock
  readonly #pieceBytes: number
  /** What each has sent and we have not taken; in the order of their turns. */
  readonly #waiting = new Map<ReadSource, readonly Chunk[]>()
  #tookMs = 0
  #isBegun = false

  /** @param pieceBytes what is taken at once at most: a turn ends behind a piece */
  constructor(clock: Clock, pieceBytes: number) {
    this.#clock = clock
    this.#pieceBytes = pieceBytes
  }

  /** Takes what a source gave, or as much of it as this turn has time for; then the source waits for its next one. */
  take(source: ReadSource, chunk: Chunk): void {
    const queued = this.#waiting.get(source)
    this.#waiting.set(source, [...(queued ?? []), chunk])
    if (queued !== undefined) return // One more came on the way of its pause.
    this.#serve(source)
    if (this.#waiting.has(source)) source.pause()
    this.#beginLater()
  }

  /** A source is over, and so is what it had sent. */
  forget(source: ReadSource): void {
    this.#waiting.delete(source)
  }

  get #isOver(): boolean {
    return this.#tookMs >= readTurnMs
  }

  #beginLater(): void {
    if (this.#isBegun) return
    this.#isBegun = true
    setImmediate(() => this.#begin())
  }

  #begin(): void {
    this.#isBegun = false
    this.#tookMs = 0
    for (const source of [...this.#waiting.keys()]) {
      if (this.#isOver) break
      this.#serve(source)
      if (!this.#waiting.has(source)) source.resume()
    }
    if (this.#waiting.size > 0) this.#beginLater()
  }

  /** Takes pieces of one source until it has no more, or the turn is over: then it is the last in the queue. */
  #serve(source: ReadSource): void {
    let isMore = true
    while (isMore && !this.#isOver) isMore = this.#takePiece(source)
    const left = this.#waiting.get(source)
    this.#waiting.delete(source)
    if (left !== undefined && left.length > 0) this.#waiting.set(source, left)
  }

  /** @returns whether there was one */
  #takePiece(source: ReadSource): boolean {
    const [chunk, ...rest] = this.#waiting.get(source) ?? []
    if (chunk === undefined) return false
    const { bytes, take } = chunk
    const left = bytes.subarray(this.#pieceBytes)
    // Before it is taken, for that may end the source.
    this.#waiting.set(source, left.length === 0 ? rest : [{ bytes: left, take }, ...rest])
    this.#time(() => take(bytes.subarray(0, this.#pieceBytes)))
    return true
  }

  #time(action: () => void): void {
    const beganMs = this.#clock.now()
    action()
    this.#tookMs += this.#clock.now() - beganMs
  }
}
