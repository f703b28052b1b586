/**
 * A lane's receiving end: it grants credit as bytes are consumed, so that memory stays bounded by the window.
 * Floor 3. It reads no frames: the session hands it payloads.
 */
import { HeldBytes } from '../held-bytes.js'
import { laneWindowBytes } from '../limits.js'
import { ReceiveCredit } from './credit.js'
import type { LaneReceiver, LaneSource } from './lane.js'
import { nextState } from './state-table.js'
import { laneTable } from './stream-state.js'
import type { LaneEvent, LaneState } from './stream-state.js'

/** Receives one lane's bytes; holds them, within the window, until somebody wants them. */
export class LaneReader implements LaneSource {
  readonly #grant: (byteCount: number) => void
  readonly #credit = new ReceiveCredit(laneWindowBytes)
  #state: LaneState = 'open'
  #unconsumedBytes = 0
  readonly #held = new HeldBytes()
  #receiver: LaneReceiver | undefined

  /** @param grant sends credit to the other side */
  constructor(grant: (byteCount: number) => void) {
    this.#grant = grant
  }

  /** Received bytes that have not left memory. */
  get unconsumedBytes(): number {
    return this.#unconsumedBytes
  }

  /** Begins to receive; called once. */
  receive(receiver: LaneReceiver): void {
    this.#receiver = receiver
    for (const chunk of this.#held.takeAll()) receiver.bytes(chunk)
    if (this.#state === 'ended') receiver.end()
  }

  /** Receives and drops everything, so that the sender is never held up by us. */
  discard(): void {
    this.receive({ bytes: (chunk) => this.consumed(chunk.length), end: () => undefined })
  }

  /** Says that so many received bytes have left memory: the sender may send more. */
  consumed(byteCount: number): void {
    this.#unconsumedBytes -= byteCount
    const grantedBytes = this.#credit.consume(byteCount)
    if (grantedBytes > 0 && this.#state === 'open') this.#grant(grantedBytes)
  }

  /** Takes a payload from the wire. @throws {PeerError} `window-exceeded` or `illegal-move` */
  deliver(payload: Buffer): void {
    if (payload.length === 0) {
      this.finish()
      return
    }
    this.#move('data')
    this.#credit.receive(payload.length)
    this.#unconsumedBytes += payload.length
    if (this.#receiver === undefined) this.#held.add(payload)
    else this.#receiver.bytes(payload)
  }

  /** The lane is over. @throws {PeerError} `illegal-move` when it was already */
  finish(): void {
    this.#move('end')
    this.#receiver?.end()
  }

  /** The stream is over and nobody will want what is held. */
  abandon(): void {
    this.close()
    this.#held.takeAll()
  }

  /** The stream is over: ends the lane unless it has ended already. */
  close(): void {
    if (this.#state === 'open') this.finish()
  }

  #move(event: LaneEvent): void {
    this.#state = nextState({ table: laneTable, thing: 'lane', state: this.#state, event })
  }
}
