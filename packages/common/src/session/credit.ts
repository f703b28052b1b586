/**
 * The arithmetic of credit: how much may be sent on a lane, how much was, when to grant more.
 * Floor 3. Pure.
 */
import { PeerError } from '../errors.js'

/** The sending side's account. */
export class SendCredit {
  readonly #windowBytes: number
  #leftBytes: number

  /** @param windowBytes what the receiver grants at the start, and the most that it may ever have granted at once */
  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes
    this.#leftBytes = windowBytes
  }

  /** Bytes that may be sent now. */
  get leftBytes(): number {
    return this.#leftBytes
  }

  /** Takes `byteCount`, at most `leftBytes`, for what is being sent. */
  spend(byteCount: number): void {
    this.#leftBytes -= byteCount
  }

  /** @throws {PeerError} `too-much-credit` when the receiver grants more than it can have consumed */
  grant(byteCount: number): void {
    if (this.#leftBytes + byteCount > this.#windowBytes) {
      throw new PeerError(
        `Cannot take ${byteCount} bytes of credit: ${this.#leftBytes} of ${this.#windowBytes} are left`,
        {
          code: 'too-much-credit',
        },
      )
    }
    this.#leftBytes += byteCount
  }
}

/** The receiving side's account. */
export class ReceiveCredit {
  readonly #windowBytes: number
  #leftBytes: number
  #consumedBytes = 0

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes
    this.#leftBytes = windowBytes
  }

  /** @throws {PeerError} `window-exceeded` when the sender sent more than it was granted */
  receive(byteCount: number): void {
    if (byteCount > this.#leftBytes) {
      throw new PeerError(`Cannot take ${byteCount} bytes: only ${this.#leftBytes} were granted`, {
        code: 'window-exceeded',
      })
    }
    this.#leftBytes -= byteCount
  }

  /**
   * Notes that `byteCount` received bytes have left our memory.
   * @returns the bytes to grant now: none until half the window is used up, so that credit costs few frames
   */
  consume(byteCount: number): number {
    this.#consumedBytes += byteCount
    if (this.#consumedBytes < this.#windowBytes / 2) return 0
    const grantedBytes = this.#consumedBytes
    this.#consumedBytes = 0
    this.#leftBytes += grantedBytes
    return grantedBytes
  }
}
