/**
 * Bytes of a file to its lines, however long somebody made one.
 * Floor 8. Pure.
 */
import { auditLineBytesMax } from '../../limits.js'

const newline = 0x0a

/** Collects bytes until a line is whole. */
export class LineSplitter {
  #pieces: Buffer[] = []
  #bytes = 0

  /** @returns the lines that these bytes complete; of one that is too long the beginning */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** @returns what stands behind the last newline, if anything does */
  end(): string | undefined {
    return this.#bytes === 0 ? undefined : this.#take()
  }

  #keep(piece: Buffer): void {
    const fitting = piece.subarray(0, auditLineBytesMax - this.#bytes)
    if (fitting.length === 0) return
    // A copy, for the reader uses its buffer again.
    this.#pieces.push(Buffer.from(fitting))
    this.#bytes += fitting.length
  }

  #take(): string {
    const line = Buffer.concat(this.#pieces).toString()
    this.#pieces = []
    this.#bytes = 0
    return line
  }
}
