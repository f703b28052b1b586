/**
 * A channel as frames and openings: it decodes what comes, counts, and knows how long to wait for the rest of something.
 * Floor 3. Who may say what when is the endpoint's business.
 */
import type { Channel } from '../channel/channel.js'
import type { Clock, Timer } from '../clock.js'
import { BufferSweeper } from '../dead-buffers.js'
import { fragmentPatienceMs } from '../limits.js'
import { Decoder } from '../wire/decode.js'
import type { DecoderReceiver } from '../wire/decode.js'
import type { Counters } from './counters.js'

/** What comes out of a channel. */
export interface WireReceiver extends Omit<DecoderReceiver, 'skipped'> {
  drained(): void
  closed(cause?: Error): void
}

interface WireChannelOptions {
  readonly channel: Channel
  readonly clock: Clock
  readonly counters: Counters
  readonly receiver: WireReceiver
  /** Whether a frame's rest may take its time: within a session silence is the heartbeat's business. */
  readonly isPatient: () => boolean
}

/** One channel. */
export class WireChannel {
  readonly #options: WireChannelOptions
  readonly #decoder: Decoder
  readonly #sweeper = new BufferSweeper()
  #patience: Timer | undefined
  /** The channel asked to wait: nobody reads, and openings that pile up would only cost memory. */
  #isFull = false

  constructor(options: WireChannelOptions) {
    const { receiver, counters } = options
    this.#options = options
    this.#decoder = new Decoder({
      frame: (frame) => receiver.frame(frame),
      opening: (hello) => receiver.opening(hello),
      badOpening: (error) => receiver.badOpening(error),
      foreign: (bytes) => receiver.foreign(bytes),
      skipped: (byteCount) => (counters.garbageBytes += byteCount),
    })
  }

  /** Whether writing should wait. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Begins; called once. */
  start(): void {
    const { channel, counters, receiver } = this.#options
    channel.start({
      bytes: (chunk) => {
        counters.bytesReceived += chunk.length
        this.#sweeper.passed(chunk.length)
        this.#decoder.push(chunk)
        this.watchFragment()
      },
      drained: () => {
        this.#isFull = false
        receiver.drained()
      },
      closed: (cause) => {
        this.#patience?.cancel()
        receiver.closed(cause)
      },
    })
  }

  /** @returns whether more may be written at once */
  write(bytes: Buffer): boolean {
    this.#options.counters.bytesSent += bytes.length
    this.#sweeper.passed(bytes.length)
    this.#isFull = !this.#options.channel.write(bytes)
    return !this.#isFull
  }

  close(): void {
    this.#options.channel.close()
  }

  /**
   * Without a session nobody is in the middle of a frame for long: what is held so is a fragment of an old one, and must not
   * swallow what a python-negotiator peer says next. Called also when a session has ended.
   */
  watchFragment(): void {
    const { clock, isPatient } = this.#options
    this.#patience?.cancel()
    if (isPatient() || this.#decoder.pendingBytes === 0) return
    this.#patience = clock.setTimer(fragmentPatienceMs, () => {
      this.#decoder.giveUp()
      this.watchFragment()
    })
  }
}
