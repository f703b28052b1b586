/**
 * Bytes that wait, in about as much memory as they are.
 * Floor 3. A payload is a view into all that came with it: one byte may keep 64 KiB alive, and a peer that sends crumbs
 * between garbage could so have a window of 256 KiB take gigabytes. Crumbs are copied together here.
 */

/** A view is kept as it is if what it keeps alive is at most so many times as long. */
const keptTimesMax = 4

/** Crumbs are gathered in pieces that double from the first size to the last, for in most queues little ever waits. */
const gatheredBytesMin = 256
const gatheredBytesMax = 8 * 1024

/** A queue of bytes; what comes out may be cut differently from what went in. */
export class ByteQueue {
  #pieces: Buffer[] = []
  #byteCount = 0
  /** Bytes still free behind the last piece, in memory that is ours. */
  #roomBytes = 0

  get byteCount(): number {
    return this.#byteCount
  }

  /** The first piece, until it is dropped. */
  get first(): Buffer | undefined {
    return this.#pieces[0]
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#byteCount += bytes.length
    if (bytes.length * keptTimesMax >= bytes.buffer.byteLength) this.#keep(bytes)
    else this.#gather(bytes)
  }

  /** Drops so many bytes of the first piece, at most all of it. */
  drop(byteCount: number): void {
    const [first] = this.#pieces
    if (first === undefined) return
    this.#byteCount -= byteCount
    if (byteCount < first.length) this.#pieces[0] = first.subarray(byteCount)
    else this.#pieces.shift()
    if (this.#pieces.length === 0) this.#roomBytes = 0
  }

  /** Takes the first piece out. */
  shift(): Buffer | undefined {
    const { first } = this
    if (first !== undefined) this.drop(first.length)
    return first
  }

  /** Drops everything. @returns how many bytes that were */
  clear(): number {
    const byteCount = this.#byteCount
    this.#pieces = []
    this.#byteCount = 0
    this.#roomBytes = 0
    return byteCount
  }

  #keep(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#roomBytes = 0
  }

  #gather(bytes: Buffer): void {
    const last = this.#pieces.at(-1)
    if (last === undefined || bytes.length > this.#roomBytes) return this.#begin(bytes)
    const longer = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length)
    bytes.copy(longer, last.length)
    this.#pieces[this.#pieces.length - 1] = longer
    this.#roomBytes -= bytes.length
  }

  #begin(bytes: Buffer): void {
    // Slow means: not out of Node's shared pool, of which a crumb would keep the rest alive.
    const wanted = Math.min(2 * (this.#pieces.at(-1)?.length ?? 0), gatheredBytesMax)
    const memory = Buffer.allocUnsafeSlow(Math.max(wanted, bytes.length, gatheredBytesMin))
    bytes.copy(memory)
    this.#pieces.push(memory.subarray(0, bytes.length))
    this.#roomBytes = memory.length - bytes.length
  }
}
