/**
 * Says what data has arrived, for a sender has at most so much on its way; and says nothing while our memory holds too much.
 * Floor 3. It makes no frames: the session sends RECEIVED.
 */
import type { Clock, Timer } from '../clock.js'
import { PeerError } from '../errors.js'
import { acknowledgeBytes, inFlightBytesMax, withheldMs } from '../limits.js'

interface AcknowledgerOptions {
  readonly clock: Clock
  /** Sends a RECEIVED. */
  readonly send: (byteCount: number) => void
  /** Whether more is held than a session may hold; asked each 64 KiB. */
  readonly holdsTooMuch: () => boolean
}

/** The receiving end of the cap on bytes in flight. */
export class Acknowledger {
  readonly #options: AcknowledgerOptions
  #byteCount = 0
  /** Set while we look again and again whether less is held. */
  #withheld: Timer | undefined

  constructor(options: AcknowledgerOptions) {
    this.#options = options
  }

  /**
   * So many bytes of data have arrived.
   * @throws {PeerError} `too-much-in-flight` when the sender goes on although nothing is acknowledged
   */
  arrived(byteCount: number): void {
    this.#byteCount += byteCount
    if (this.#byteCount > inFlightBytesMax) {
      throw new PeerError(`Cannot take more bytes: ${inFlightBytesMax} wait to be acknowledged`, {
        code: 'too-much-in-flight',
      })
    }
    if (this.#byteCount >= acknowledgeBytes && this.#withheld === undefined) this.#acknowledge()
  }

  stop(): void {
    this.#withheld?.cancel()
  }

  #acknowledge(): void {
    this.#withheld = undefined
    const { clock, send, holdsTooMuch } = this.#options
    if (holdsTooMuch()) {
      this.#withheld = clock.setTimer(withheldMs, () => this.#acknowledge())
      return
    }
    send(this.#byteCount)
    this.#byteCount = 0
  }
}
