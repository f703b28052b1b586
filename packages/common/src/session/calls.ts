/**
 * The calls of one session, by their streams' numbers: started here, taken from the other side, ended together.
 * Floor 3. Numbers only grow, so a frame for one that was used is late and a frame for a higher one is a fault.
 */
import type { Clock } from '../clock.js'
import { PeerError, UsageError } from '../errors.js'
import { laneWindowBytes, sessionHeldBytesMax, streamCountMax } from '../limits.js'
import { FrameType } from '../wire/frame.js'
import type { Frame } from '../wire/frame.js'
import { decodeRequest } from '../wire/request.js'
import type { Request } from '../wire/request.js'
import { encodeResult } from '../wire/result.js'
import type { Result } from '../wire/result.js'
import { CallingStream } from './calling-stream.js'
import type { Counters } from './counters.js'
import type { Outbox } from './outbox.js'
import { ServingStream } from './serving-stream.js'

interface CallsOptions {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly counters: Counters
  /** A call has come from the other side. */
  readonly onCall: (stream: ServingStream) => void
}

/** All calls under way in one session. */
export class Calls {
  readonly #options: CallsOptions
  readonly #calling = new Map<number, CallingStream>()
  readonly #serving = new Map<number, ServingStream>()
  #lastStream = 0

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** How many are under way, both ways. */
  get count(): number {
    return this.#calling.size + this.#serving.size
  }

  /** How many of them ask for one of these. */
  countOf(asks: readonly Request['ask'][]): number {
    return [...this.#calling.values(), ...this.#serving.values()].filter(({ request }) =>
      asks.includes(request.ask),
    ).length
  }

  /** Whether no more can be made. */
  get isFull(): boolean {
    return this.#calling.size >= streamCountMax
  }

  /** Bytes that wait in all lanes to be sent. */
  get queuedBytes(): number {
    let queuedBytes = 0
    for (const { stdin } of this.#calling.values()) queuedBytes += stdin.queuedBytes
    for (const { stdout, stderr } of this.#serving.values())
      queuedBytes += stdout.queuedBytes + stderr.queuedBytes
    return queuedBytes
  }

  /** Whether all lanes together hold more bytes that have come than a session may. */
  get holdsTooMuch(): boolean {
    // Most sessions have too few lanes for that, and this is asked for each 64 KiB that come.
    if ((this.#serving.size + 2 * this.#calling.size) * laneWindowBytes <= sessionHeldBytesMax) return false
    let heldBytes = 0
    for (const { stdin } of this.#serving.values()) heldBytes += stdin.unconsumedBytes
    for (const { stdout, stderr } of this.#calling.values())
      heldBytes += stdout.unconsumedBytes + stderr.unconsumedBytes
    return heldBytes > sessionHeldBytesMax
  }

  /** Makes a call; it is sent by its `begin`. @throws {UsageError} `request-too-long`, `too-many-calls` */
  open(request: Request): CallingStream {
    if (this.isFull) {
      throw new UsageError(`Cannot start the call: ${streamCountMax} are under way already`, {
        code: 'too-many-calls',
      })
    }
    const { outbox, clock, counters } = this.#options
    const stream = new CallingStream({
      id: this.#lastStream + 1,
      request,
      outbox,
      clock,
      onFinished: ({ id }) => void this.#calling.delete(id),
    })
    this.#lastStream = stream.id
    this.#calling.set(stream.id, stream)
    counters.calls += 1
    return stream
  }

  /** Takes a frame that names a stream. @throws {PeerError} when it is not to be understood or out of order */
  receive(frame: Frame): void {
    if (frame.type === FrameType.request) return this.#takeRequest(frame)
    const stream = this.#calling.get(frame.stream) ?? this.#serving.get(frame.stream)
    if (stream !== undefined) stream.receive(frame)
    else if (frame.stream > this.#lastStream) {
      throw new PeerError(`Cannot take a frame for stream ${frame.stream}: it was never opened`, {
        code: 'bad-frame',
      })
    }
    // Else the frame crossed the stream's end, which is nobody's fault.
  }

  /** The session is over, and with it all calls. */
  lose(reason: string): void {
    for (const stream of [...this.#calling.values()]) stream.lose(reason)
    for (const stream of [...this.#serving.values()]) stream.lose()
    this.#serving.clear()
  }

  #takeRequest(frame: Frame): void {
    if (frame.stream <= this.#lastStream) {
      throw new PeerError(`Cannot open stream ${frame.stream}: its number is used up`, { code: 'bad-frame' })
    }
    this.#lastStream = frame.stream
    const request = readRequest(frame.payload)
    if ('kind' in request) return this.#refuse(frame.stream, request)
    if (this.#serving.size >= streamCountMax) {
      return this.#refuse(frame.stream, {
        kind: 'busy',
        reason: `${streamCountMax} calls are under way already`,
      })
    }
    const stream = new ServingStream({
      id: frame.stream,
      request,
      outbox: this.#options.outbox,
      onFinished: ({ id }) => void this.#serving.delete(id),
    })
    this.#serving.set(stream.id, stream)
    this.#options.counters.calls += 1
    this.#options.onCall(stream)
  }

  #refuse(stream: number, result: Result): void {
    this.#options.outbox.control(FrameType.result, { stream, payload: encodeResult(result) })
  }
}

/** A request, or the result that answers one which cannot be read. */
function readRequest(payload: Buffer): Request | Result {
  try {
    return decodeRequest(payload)
  } catch (error) {
    if (!(error instanceof PeerError)) throw error
    return { kind: 'failed-to-start', reason: error.message }
  }
}
