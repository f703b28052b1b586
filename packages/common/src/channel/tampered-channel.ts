/**
 * A channel whose bytes a test changes or loses on their way out.
 * Floor 1, for tests.
 */
import type { Channel, ChannelReceiver } from './channel.js'
import type { PairedChannel } from './paired-channels.js'

/** A paired channel with somebody in the middle. */
export class TamperedChannel implements Channel {
  readonly name: string
  /** The channel itself: what is written here was never sent by the peer. */
  readonly inner: PairedChannel
  /** What leaves instead of a batch; no bytes at all lose it. */
  tamper: (batch: Buffer) => Buffer = (batch) => batch

  constructor(inner: PairedChannel) {
    this.inner = inner
    this.name = inner.name
  }

  start(receiver: ChannelReceiver): void {
    this.inner.start(receiver)
  }

  write(bytes: Buffer): boolean {
    return this.inner.write(this.tamper(bytes))
  }

  close(): void {
    this.inner.close()
  }

  /** Loses the next batch. */
  loseNext(): void {
    this.tamper = () => {
      this.tamper = (batch) => batch
      return Buffer.alloc(0)
    }
  }
}
