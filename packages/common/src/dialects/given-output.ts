/**
 * Output of a call that comes in one piece.
 * Floor 6.
 */
import type { LaneReceiver, LaneSource } from '../session/lane.js'

/** One lane's. */
export class GivenOutput implements LaneSource {
  #output: Buffer | undefined
  #receiver: LaneReceiver | undefined

  /** This is all of it. */
  give(output: Buffer): void {
    this.#output = output
    this.#tell()
  }

  receive(receiver: LaneReceiver): void {
    this.#receiver = receiver
    this.#tell()
  }

  discard(): void {
    this.receive({ bytes: () => undefined, end: () => undefined })
  }

  consumed(): void {
    // It was in memory as a whole.
  }

  #tell(): void {
    if (this.#output === undefined || this.#receiver === undefined) return
    if (this.#output.length > 0) this.#receiver.bytes(this.#output)
    this.#receiver.end()
  }
}
