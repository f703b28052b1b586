/**
 * What a channel has told.
 * For tests.
 */
import type { Channel, ChannelReceiver } from '@negotiator/common'

/** Keeps all that its channel tells. */
export class KeptReceiver implements ChannelReceiver {
  readonly chunks: Buffer[] = []
  readonly causes: (Error | undefined)[] = []
  drainedCount = 0
  /** What else to do about a chunk. */
  onBytes: (chunk: Buffer) => void = () => undefined

  constructor(channel: Channel) {
    channel.start(this)
  }

  bytes(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.onBytes(chunk)
  }

  drained(): void {
    this.drainedCount += 1
  }

  closed(cause?: Error): void {
    this.causes.push(cause)
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }
}
