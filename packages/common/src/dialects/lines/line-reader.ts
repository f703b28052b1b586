/**
 * Bytes to lines, whatever ends them: LF, CR LF, or the LF CR of a system that had it the wrong way round.
 * Floor 6. Pure. It holds no more than a line, and what is longer is dropped up to its end.
 */

const newline = 0x0a
const carriageReturn = 0x0d

interface LineReaderOptions {
  readonly lineBytesMax: number
  /** Given each line without its end; an empty one is none. */
  readonly line: (body: Buffer) => void
  /** A line was longer, and is over now. */
  readonly tooLong: () => void
}

/** Finds lines. */
export class LineReader {
  readonly #options: LineReaderOptions
  #pieces: Buffer[] = []
  #byteCount = 0

  constructor(options: LineReaderOptions) {
    this.#options = options
  }

  /** Takes the next bytes. */
  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#take(chunk.subarray(from, at))
      this.#end()
      from = at + 1
    }
    this.#take(chunk.subarray(from))
  }

  #take(piece: Buffer): void {
    this.#byteCount += piece.length
    if (this.#byteCount > this.#options.lineBytesMax) this.#pieces = []
    else if (piece.length > 0) this.#pieces.push(piece)
  }

  #end(): void {
    const isTooLong = this.#byteCount > this.#options.lineBytesMax
    const body = withoutReturns(Buffer.concat(this.#pieces))
    this.#pieces = []
    this.#byteCount = 0
    if (isTooLong) this.#options.tooLong()
    else if (body.length > 0) this.#options.line(body)
  }
}

/** The CR of LF CR stands before the next line, that of CR LF behind its own. */
function withoutReturns(line: Buffer): Buffer {
  const start = line[0] === carriageReturn ? 1 : 0
  const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length
  return line.subarray(start, Math.max(start, end))
}
