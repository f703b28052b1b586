/**
 * A lane's sending end: it queues bytes until there is credit and the outbox has room.
 * Floor 3. It makes no frames: the outbox asks it for payloads.
 */
import { HeldBytes } from '../held-bytes.js'
import { laneQueueBytes, laneWindowBytes } from '../limits.js'
import { sendableLength } from '../wire/encode.js'
import type { LaneType } from '../wire/frame.js'
import { SendCredit } from './credit.js'
import type { LaneSink } from './lane.js'

const nothing = (): void => undefined

/** Which lane of which stream. */
export interface LaneName {
  readonly stream: number
  readonly type: LaneType
}

/** Sends one lane's bytes. */
export class LaneWriter implements LaneSink {
  readonly name: LaneName
  readonly #announce: (lane: LaneWriter) => void
  readonly #credit = new SendCredit(laneWindowBytes)
  readonly #queue = new HeldBytes()
  #state: 'open' | 'ending' | 'ended' = 'open'
  #isProducerPaused = false
  /** Called when the producer may write again. */
  onDrained: () => void = nothing
  /** Called once the lane's end has been handed over. */
  onEnded: () => void = nothing

  /** @param announce tells the outbox that this lane has something to send, or no longer has */
  constructor(name: LaneName, announce: (lane: LaneWriter) => void) {
    this.name = name
    this.#announce = announce
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#queue.byteCount
  }

  /** Whether the lane's end has been handed over, or the lane was abandoned. */
  get isEnded(): boolean {
    return this.#state === 'ended'
  }

  /** Whether the end of the lane was asked for or sent. */
  get isEnding(): boolean {
    return this.#state !== 'open'
  }

  /**
   * Queues bytes; after `end` they are dropped, for the other side has stopped listening.
   * @returns whether the producer may go on; if not, `onDrained` will be called
   */
  write(bytes: Buffer): boolean {
    if (this.#state !== 'open' || bytes.length === 0) return true
    this.#queue.add(bytes)
    this.#announceIfReady()
    // Once paused it stays so until `onDrained`, whatever is taken or written meanwhile: it is told to go on just once.
    if (this.#queue.byteCount >= laneQueueBytes) this.#isProducerPaused = true
    return !this.#isProducerPaused
  }

  /** Ends the lane after what is queued. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#announceIfReady()
  }

  /** Drops what is queued and ends: nobody wants it any more. */
  abandon(): void {
    this.#queue.takeAll()
    this.#state = 'ended'
    this.#announce(this)
    this.#resumeProducer()
  }

  /** @throws {PeerError} `too-much-credit` */
  grant(byteCount: number): void {
    this.#credit.grant(byteCount)
    this.#announceIfReady()
  }

  /** Whether `take` has a payload to give. */
  get isReady(): boolean {
    if (this.#queue.byteCount > 0) return this.#credit.leftBytes > 0
    return this.#state === 'ending'
  }

  /**
   * The next payload, spending credit for it; an empty one ends the lane. Called only while `isReady`.
   * @param byteCountMax the most that may be sent now
   */
  take(byteCountMax: number): Buffer {
    const { first } = this.#queue
    if (first.length === 0) {
      this.#state = 'ended'
      this.onEnded()
      return Buffer.alloc(0)
    }
    const fitting = first.subarray(0, Math.min(byteCountMax, this.#credit.leftBytes))
    const payload = fitting.subarray(0, sendableLength(fitting))
    this.#queue.drop(payload.length)
    this.#credit.spend(payload.length)
    if (this.#queue.byteCount < laneQueueBytes / 2) this.#resumeProducer()
    return payload
  }

  #announceIfReady(): void {
    if (this.isReady) this.#announce(this)
  }

  #resumeProducer(): void {
    if (!this.#isProducerPaused) return
    this.#isProducerPaused = false
    this.onDrained()
  }
}
