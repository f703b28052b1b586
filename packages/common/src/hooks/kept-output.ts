/**
 * The end of what a hook prints, both outputs in the order in which it came.
 * Floor 5. A hook may print without end; what is kept is bounded.
 */
import type { Readable } from 'node:stream'

/** Keeps the last bytes of some outputs, which it reads to their end. */
export class KeptOutput {
  readonly #bytesMax: number
  #chunks: Buffer[] = []
  #keptBytes = 0
  #droppedBytes = 0

  constructor(outputs: readonly Readable[], { bytesMax }: { readonly bytesMax: number }) {
    this.#bytesMax = bytesMax
    for (const output of outputs) output.on('data', (chunk: Buffer) => this.#keep(chunk))
  }

  /** What is kept of it; a first line says how much is missing. */
  get text(): string {
    const kept = Buffer.concat(this.#chunks)
    const surplus = Math.max(0, kept.length - this.#bytesMax)
    const dropped = this.#droppedBytes + surplus
    const note = dropped === 0 ? '' : `[${dropped} bytes before this were dropped]\n`
    return note + kept.subarray(surplus).toString()
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#keptBytes += chunk.length
    // Whole chunks leave, so that each is copied once only; and chunks of a byte each would cost more than they hold.
    if (this.#chunks.length > 64) this.#chunks = [Buffer.concat(this.#chunks)]
    for (let [first] = this.#chunks; first !== undefined; [first] = this.#chunks) {
      if (this.#keptBytes - first.length < this.#bytesMax) return
      this.#chunks.shift()
      this.#keptBytes -= first.length
      this.#droppedBytes += first.length
    }
  }
}
