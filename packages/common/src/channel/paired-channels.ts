/**
 * Two channels joined in memory: what one writes the other receives.
 * Floor 1. For tests and for the loopback demo; bytes travel in a later turn of the event loop, as they do in a socket.
 */
import type { Channel, ChannelReceiver } from './channel.js'

interface PairOptions {
  /** Bytes that one direction holds before `write` answers `false`. */
  readonly capacityBytes?: number
  /** Cuts what is delivered into pieces of at most so many bytes. */
  readonly chunkBytesMax?: number
}

/** The two ends of a pipe in memory. */
export interface PairedChannels {
  readonly left: PairedChannel
  readonly right: PairedChannel
}

/** Makes two channels that are joined. */
export function pairedChannels({
  capacityBytes = 256 * 1024,
  chunkBytesMax = 64 * 1024,
}: PairOptions = {}): PairedChannels {
  const left = new PairedChannel('left', { capacityBytes, chunkBytesMax })
  const right = new PairedChannel('right', { capacityBytes, chunkBytesMax })
  left.join(right)
  right.join(left)
  return { left, right }
}

/** One end of a pipe in memory. */
export class PairedChannel implements Channel {
  readonly name: string
  readonly #options: Required<PairOptions>
  #other: PairedChannel | undefined
  #receiver: ChannelReceiver | undefined
  #inbox: Buffer[] = []
  #inboxBytes = 0
  #isDelivering = false
  #isHeld = false
  #isFull = false
  /** The other end has left; what it wrote is still delivered. */
  #isLeft = false
  #isClosed = false

  constructor(name: string, options: Required<PairOptions>) {
    this.name = name
    this.#options = options
  }

  join(other: PairedChannel): void {
    this.#other = other
  }

  start(receiver: ChannelReceiver): void {
    this.#receiver = receiver
    if (this.#isClosed) this.#tellClosed()
    else this.#deliverSoon()
  }

  write(bytes: Buffer): boolean {
    if (this.#isClosed || this.#other === undefined) return true
    this.#isFull = !this.#other.#take(Buffer.from(bytes))
    return !this.#isFull
  }

  close(): void {
    this.#end()
    const other = this.#other
    if (other !== undefined) other.#leave()
  }

  /** Stops delivering, as a paused VM does; what is written meanwhile waits. */
  hold(): void {
    this.#isHeld = true
  }

  /** Delivers again what was held. */
  release(): void {
    this.#isHeld = false
    this.#deliverSoon()
  }

  #take(bytes: Buffer): boolean {
    if (this.#isClosed) return true
    this.#inbox.push(bytes)
    this.#inboxBytes += bytes.length
    this.#deliverSoon()
    return this.#inboxBytes < this.#options.capacityBytes
  }

  #deliverSoon(): void {
    if (this.#isDelivering || this.#isHeld || this.#receiver === undefined) return
    this.#isDelivering = true
    setImmediate(() => this.#deliver())
  }

  #deliver(): void {
    this.#isDelivering = false
    if (this.#isHeld) return
    const inbox = this.#inbox
    this.#inbox = []
    this.#inboxBytes = 0
    for (const bytes of inbox) this.#deliverInPieces(bytes)
    const other = this.#other
    if (other !== undefined) other.#drain()
    if (this.#isLeft) this.#end()
  }

  #deliverInPieces(bytes: Buffer): void {
    const { chunkBytesMax } = this.#options
    for (let at = 0; at < bytes.length; at += chunkBytesMax) {
      if (!this.#isClosed) this.#receiver?.bytes(bytes.subarray(at, at + chunkBytesMax))
    }
  }

  #drain(): void {
    if (!this.#isFull || this.#isClosed) return
    this.#isFull = false
    this.#receiver?.drained()
  }

  #leave(): void {
    this.#isLeft = true
    this.#deliverSoon()
  }

  #end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tellClosed()
  }

  #tellClosed(): void {
    const receiver = this.#receiver
    if (receiver !== undefined) setImmediate(() => receiver.closed())
  }
}
