/**
 * One end of a channel whose events a test waits for.
 * Floor 1, for tests.
 */
import type { Channel, ChannelReceiver } from './channel.js'

/** Starts a channel when told to and keeps all that it tells. */
export class RecordedEnd implements ChannelReceiver {
  readonly channel: Channel
  readonly chunks: Buffer[] = []
  readonly causes: (Error | undefined)[] = []
  drainedCount = 0
  /** What else to do about bytes. */
  onBytes: () => void = () => undefined
  #wake: () => void = () => undefined

  constructor(channel: Channel) {
    this.channel = channel
  }

  start(): this {
    this.channel.start(this)
    return this
  }

  bytes(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.onBytes()
    this.#wake()
  }

  drained(): void {
    this.drainedCount += 1
    this.#wake()
  }

  closed(cause?: Error): void {
    this.causes.push(cause)
    this.#wake()
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get closedCount(): number {
    return this.causes.length
  }

  /** Waits until the channel has told what makes `isEnough` true. */
  async until(isEnough: (end: this) => boolean): Promise<void> {
    while (!isEnough(this)) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  async receivedBytes(byteCount: number): Promise<void> {
    let receivedBytes = 0
    await this.until(() => {
      receivedBytes = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      return receivedBytes >= byteCount
    })
  }
}
