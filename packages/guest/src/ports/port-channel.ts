/**
 * The channel of one host attachment on a virtio port.
 * A write is taken in part or not at all when the 128 descriptors of the port are used up; the rest waits here.
 */
import type { Channel, ChannelReceiver } from '@negotiator/common'

/** What the channel needs of its port. */
interface Writable {
  readonly path: string
  write(bytes: Buffer): number
}

/** One attachment. */
export class PortChannel implements Channel {
  readonly name: string
  readonly #port: Writable
  readonly #onClosed: () => void
  #receiver: ChannelReceiver | undefined
  /** Arrived before `start`. */
  #early: Buffer[] = []
  #queue: Buffer[] = []
  /** We closed it: nothing is delivered any more, not even what arrived before. */
  #isLeft = false
  #isOver = false
  #cause: Error | undefined

  /** @param onClosed we closed the channel; the port forgets it */
  constructor(port: Writable, onClosed: () => void) {
    this.name = port.path
    this.#port = port
    this.#onClosed = onClosed
  }

  start(receiver: ChannelReceiver): void {
    this.#receiver = receiver
    const early = this.#early
    const wasOver = this.#isOver
    this.#early = []
    // The receiver may close the channel meanwhile; a host that has left meant its last words to be read.
    for (const bytes of early) if (!this.#isLeft) receiver.bytes(bytes)
    // What ends while we deliver is told as any end is.
    if (wasOver) queueMicrotask(() => receiver.closed(this.#cause))
  }

  write(bytes: Buffer): boolean {
    if (this.#isOver) return true
    this.#queue.push(bytes)
    return this.#writeQueue()
  }

  close(): void {
    if (this.#isOver) return
    this.#isLeft = true
    this.#onClosed()
    this.end()
  }

  /** For the port: bytes have arrived. */
  deliver(bytes: Buffer): void {
    if (this.#isOver) return
    if (this.#receiver === undefined) this.#early.push(bytes)
    else this.#receiver.bytes(bytes)
  }

  /** For the port: there may be room to write. */
  flush(): void {
    if (this.#queue.length > 0 && this.#writeQueue()) this.#receiver?.drained()
  }

  /** For the port: the host has left, or the port is gone. */
  end(cause?: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cause = cause
    this.#queue = []
    const receiver = this.#receiver
    if (receiver !== undefined) queueMicrotask(() => receiver.closed(cause))
  }

  /** @returns whether all of the queue has been taken */
  #writeQueue(): boolean {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const taken = this.#port.write(first)
      if (taken === 0) return false
      if (taken === first.length) this.#queue.shift()
      else this.#queue[0] = first.subarray(taken)
    }
    return true
  }
}
