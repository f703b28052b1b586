/**
 * Bytes to lines, whatever ends them: LF, CR LF, or the LF CR of a system that had it the wrong way round.
 * Floor 6. Pure. It holds no more than a line, however small the pieces are that it comes in; what is longer is dropped up
 * to its end.
 */

const newline = 0x0a
const carriageReturn = 0x0d

const nothing: Buffer = Buffer.alloc(0)

interface LineReaderOptions {
  readonly lineBytesMax: number
  /** Given each line without its end; an empty one is none. It may be a part of the chunk that it came in. */
  readonly line: (body: Buffer) => void
  /** A line was longer, and is over now. */
  readonly tooLong: () => void
}

/** Finds lines. */
export class LineReader {
  readonly #options: LineReaderOptions
  /** The beginning of a line whose end has not come, in a buffer that doubles. */
  #held: Buffer = nothing
  #heldBytes = 0
  #isTooLong = false

  constructor(options: LineReaderOptions) {
    this.#options = options
  }

  /** Takes the next bytes. */
  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#end(chunk.subarray(from, at))
      from = at + 1
    }
    this.#hold(chunk.subarray(from))
  }

  /** The line's last piece. */
  #end(piece: Buffer): void {
    const isWhole = this.#heldBytes === 0 && piece.length <= this.#options.lineBytesMax
    if (!isWhole) this.#hold(piece)
    const line = isWhole ? piece : this.#held.subarray(0, this.#heldBytes)
    const isTooLong = this.#isTooLong
    this.#release()
    const body = withoutReturns(line)
    if (isTooLong) this.#options.tooLong()
    else if (body.length > 0) this.#options.line(body)
  }

  #hold(piece: Buffer): void {
    const byteCount = this.#heldBytes + piece.length
    if (this.#isTooLong || byteCount > this.#options.lineBytesMax) {
      this.#release()
      this.#isTooLong = true
      return
    }
    if (byteCount > this.#held.length) this.#makeRoom(byteCount)
    piece.copy(this.#held, this.#heldBytes)
    this.#heldBytes = byteCount
  }

  #makeRoom(byteCount: number): void {
    const roomy = Buffer.allocUnsafe(
      Math.min(Math.max(byteCount, 2 * this.#held.length), this.#options.lineBytesMax),
    )
    this.#held.copy(roomy, 0, 0, this.#heldBytes)
    this.#held = roomy
  }

  /** A long line leaves no long buffer behind, and who was given one may keep it. */
  #release(): void {
    this.#held = nothing
    this.#heldBytes = 0
    this.#isTooLong = false
  }
}

/** The CR of LF CR stands before the next line, that of CR LF behind its own. */
function withoutReturns(line: Buffer): Buffer {
  const start = line[0] === carriageReturn ? 1 : 0
  const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length
  return line.subarray(start, Math.max(start, end))
}
