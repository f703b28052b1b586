/**
 * The contract of a channel: one attachment of a two-way byte pipe between two ends.
 * Floor 1. A channel keeps neither message borders nor memory of who was attached before: the wire copes with that.
 * Every implementation passes `checkChannel` in check-channel.ts.
 */

/** What a channel tells its one owner. */
export interface ChannelReceiver {
  /** Bytes arrived; the channel never writes to `chunk` again. */
  bytes(chunk: Buffer): void
  /** `write` may be called again after it had answered `false`. */
  drained(): void
  /** The channel is over, told exactly once; `cause` is absent when our side closed it or the other left in order. */
  closed(cause?: Error): void
}

/** One attachment of a byte pipe. */
export interface Channel {
  /** Where it leads, for people: a socket's or a device's path. */
  readonly name: string
  /** Begins to deliver; called once, before anything else. */
  start(receiver: ChannelReceiver): void
  /**
   * Takes bytes to send, in order; they are never refused.
   * @returns whether more may be written at once; if not, wait for `drained`
   */
  write(bytes: Buffer): boolean
  /** Ends the attachment at once; harmless when it is over already. */
  close(): void
}
