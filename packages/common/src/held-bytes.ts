/**
 * Bytes that wait, in the order in which they came, at a cost that their number bounds.
 * Floor 0. Node keeps some hundred bytes for each buffer, and a small view keeps the whole chunk that it looks into: whoever sends
 * byte by byte would so cost us a thousand times what was sent. So small pieces are copied together.
 */

/** A piece of at least so many bytes is kept as it is, unless it is a view into something very much larger. */
const largeBytes: number = 4 * 1024
const viewedRatioMax: number = 16

/** Small pieces are put together in buffers that double from the first size to the second. */
const bufferBytesMin: number = 256
const bufferBytesMax: number = 8 * 1024

interface Held {
  readonly bytes: Buffer
  start: number
  end: number
  /** Whether there is room of ours behind `end`. */
  readonly isOurs: boolean
}

/** Waiting bytes. */
export class HeldBytes {
  /** The first `#taken` of them are gone; removing each from the front would move all others. */
  #held: Held[] = []
  #taken = 0
  #byteCount = 0

  get byteCount(): number {
    return this.#byteCount
  }

  /** Puts a piece behind the others; the piece may be kept and must not be written again. */
  add(piece: Buffer): void {
    this.#byteCount += piece.length
    if (piece.length >= largeBytes && piece.length * viewedRatioMax >= piece.buffer.byteLength) {
      this.#held.push({ bytes: piece, start: 0, end: piece.length, isOurs: false })
      return
    }
    for (let rest = piece; rest.length > 0;) rest = rest.subarray(this.#copy(rest))
  }

  /** What comes next, as far as it lies in one piece; empty when nothing waits. */
  get first(): Buffer {
    const held = this.#held[this.#taken]
    return held === undefined ? Buffer.alloc(0) : held.bytes.subarray(held.start, held.end)
  }

  /** Removes so many bytes, at most those of `first`. What was given out stays as it is. */
  drop(byteCount: number): void {
    const held = this.#held[this.#taken]
    if (held === undefined) return
    held.start += byteCount
    this.#byteCount -= byteCount
    if (held.start < held.end) return
    this.#taken += 1
    if (this.#taken * 2 < this.#held.length) return
    this.#held = this.#held.slice(this.#taken)
    this.#taken = 0
  }

  /** Removes all, as pieces. */
  takeAll(): readonly Buffer[] {
    const pieces = this.#held.slice(this.#taken).map(({ bytes, start, end }) => bytes.subarray(start, end))
    this.#held = []
    this.#taken = 0
    this.#byteCount = 0
    return pieces
  }

  /** @returns how many bytes found room */
  #copy(piece: Buffer): number {
    let last = this.#held.at(-1)
    if (last?.isOurs !== true || last.end === last.bytes.length) {
      const wanted = Math.max(piece.length, 2 * (last?.bytes.length ?? 0), bufferBytesMin)
      const bytes = Buffer.allocUnsafeSlow(Math.min(wanted, bufferBytesMax))
      last = { bytes, start: 0, end: 0, isOurs: true }
      this.#held.push(last)
    }
    const copied = piece.copy(last.bytes, last.end)
    last.end += copied
    return copied
  }
}
