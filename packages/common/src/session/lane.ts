/**
 * The two ends of a lane as those see them who carry its bytes, whatever moves them.
 * Floor 3. Contracts only.
 */

/** What a lane's consumer is told. */
export interface LaneReceiver {
  /** Bytes arrived; say `consumed` on the reader when they have left memory. */
  bytes(chunk: Buffer): void
  /** There are no more. */
  end(): void
}

/** Gives the bytes of one lane. */
export interface LaneSource {
  /** Begins to receive; called once. */
  receive(receiver: LaneReceiver): void
  /** Receives and drops everything. */
  discard(): void
  /** So many received bytes have left memory: more may come. */
  consumed(byteCount: number): void
}

/** Takes the bytes of one lane. */
export interface LaneSink {
  /** Called when the producer may write again. */
  onDrained: () => void
  /** @returns whether the producer may go on; if not, `onDrained` will be called */
  write(bytes: Buffer): boolean
  /** There are no more. */
  end(): void
}
