/**
 * The calling end of a stream: the caller writes standard input, reads both outputs and gets one result.
 * Floor 3.
 */
import type { Clock, Timer } from '../clock.js'
import { PeerError } from '../errors.js'
import { deadlineGraceMs } from '../limits.js'
import { FrameType } from '../wire/frame.js'
import type { Frame, LaneType } from '../wire/frame.js'
import { decodeCredit, encodeCredit, encodeSignal } from '../wire/message.js'
import type { SignalName } from '../wire/message.js'
import { encodeRequest } from '../wire/request.js'
import type { Request } from '../wire/request.js'
import { decodeResult } from '../wire/result.js'
import type { Result } from '../wire/result.js'
import { LaneReader } from './lane-reader.js'
import { LaneWriter } from './lane-writer.js'
import type { Outbox } from './outbox.js'
import { nextState } from './state-table.js'
import { streamTable } from './stream-state.js'
import type { StreamEvent, StreamState } from './stream-state.js'

interface CallingStreamOptions {
  readonly id: number
  readonly request: Request
  readonly outbox: Outbox
  readonly clock: Clock
  /** The stream is over and its number is free. */
  readonly onFinished: (stream: CallingStream) => void
}

const noBytes = Buffer.alloc(0)

/** One call as its caller sees it. */
export class CallingStream {
  readonly id: number
  readonly request: Request
  readonly stdin: LaneWriter
  readonly stdout: LaneReader
  readonly stderr: LaneReader
  /** The call's one ending; never rejects. */
  readonly result: Promise<Result>
  readonly #options: CallingStreamOptions
  readonly #requestBytes: number
  readonly #madeMs: number
  readonly #deadline: Timer | undefined
  #resolve: (result: Result) => void = () => undefined
  #state: StreamState = 'open'
  #isRequested = false

  /** @throws {UsageError} `request-too-long` */
  constructor(options: CallingStreamOptions) {
    const { id, request, clock } = options
    this.#requestBytes = encodeRequest(request).length
    this.id = id
    this.request = request
    this.#options = options
    this.#madeMs = clock.now()
    this.result = new Promise((resolve) => (this.#resolve = resolve))
    this.stdin = new LaneWriter({ stream: id, type: FrameType.stdin }, (lane) => this.#announce(lane))
    this.stdout = new LaneReader((byteCount) => this.#grant(FrameType.stdout, byteCount))
    this.stderr = new LaneReader((byteCount) => this.#grant(FrameType.stderr, byteCount))
    this.#deadline = this.#setDeadline()
  }

  /** Has the request sent as soon as there is room; the session calls this once it knows that the other side listens. */
  begin(): void {
    this.#options.outbox.request({
      stream: this.id,
      payloadBytesMax: this.#requestBytes,
      payload: () => this.#leave(),
    })
  }

  /** Asks the other side to end the call; its result still comes. */
  cancel(): void {
    if (this.#state !== 'open') return
    if (!this.#isRequested) {
      this.#finish({ kind: 'cancelled', reason: 'the caller left before the call was sent' })
      return
    }
    this.#state = this.#moved('cancel')
    this.stdin.abandon()
    this.#send(FrameType.cancel, noBytes)
  }

  /** Sends a signal to the command; nothing happens when the call is over. */
  signal(name: SignalName): void {
    if (this.#state === 'open' && this.#isRequested) this.#send(FrameType.signal, encodeSignal(name))
  }

  /** Takes one of this stream's frames. @throws {PeerError} when it is not to be understood or out of order */
  receive(frame: Frame): void {
    switch (frame.type) {
      case FrameType.stdout:
        return this.stdout.deliver(frame.payload)
      case FrameType.stderr:
        return this.stderr.deliver(frame.payload)
      case FrameType.credit:
        return this.#takeCredit(frame)
      case FrameType.result:
        return this.#finish(decodeResult(frame.payload))
      default:
        throw new PeerError(`Cannot take a frame of type ${frame.type} on a stream`, { code: 'bad-frame' })
    }
  }

  /** The session is over, and with it this call. */
  lose(reason: string): void {
    if (this.#state !== 'finished') this.#finish({ kind: 'lost', reason })
  }

  /** The request leaves now: the other side is told what is left of the call's time, and nothing of a call that is over. */
  #leave(): Buffer | undefined {
    if (this.#state !== 'open') return undefined
    const { request } = this.#options
    const leftMs = this.#leftMs()
    if (leftMs !== undefined && leftMs <= 0) {
      this.#finish(timedOut('before it could be sent'))
      return undefined
    }
    this.#isRequested = true
    this.#announce(this.stdin)
    const isLimited = 'timeoutMs' in request && leftMs !== undefined
    return encodeRequest(isLimited ? { ...request, timeoutMs: Math.ceil(leftMs) } : request)
  }

  #takeCredit(frame: Frame): void {
    const { lane, byteCount } = decodeCredit(frame.payload)
    if (lane !== FrameType.stdin)
      throw new PeerError('Cannot take credit for an output lane', { code: 'bad-frame' })
    this.stdin.grant(byteCount)
  }

  #finish(result: Result): void {
    this.#state = this.#moved('result')
    this.#deadline?.cancel()
    this.stdin.abandon()
    this.stdout.close()
    this.stderr.close()
    this.#options.onFinished(this)
    this.#resolve(result)
  }

  #setDeadline(): Timer | undefined {
    const leftMs = this.#leftMs()
    if (leftMs === undefined) return undefined
    return this.#options.clock.setTimer(leftMs + deadlineGraceMs, () => {
      if (this.#isRequested) this.#send(FrameType.cancel, noBytes)
      this.#finish(timedOut('and the other side did not answer'))
    })
  }

  #leftMs(): number | undefined {
    const { request, clock } = this.#options
    if (!('timeoutMs' in request) || request.timeoutMs === undefined) return undefined
    return request.timeoutMs - (clock.now() - this.#madeMs)
  }

  #announce(lane: LaneWriter): void {
    if (this.#isRequested) this.#options.outbox.changed(lane)
  }

  #grant(lane: LaneType, byteCount: number): void {
    if (this.#state === 'finished') return
    this.#send(FrameType.credit, encodeCredit({ lane, byteCount }))
  }

  #send(
    type: typeof FrameType.cancel | typeof FrameType.signal | typeof FrameType.credit,
    payload: Buffer,
  ): void {
    this.#options.outbox.control(type, { stream: this.id, payload })
  }

  #moved(event: StreamEvent): StreamState {
    return nextState({ table: streamTable, thing: 'call', state: this.#state, event })
  }
}

function timedOut(how: string): Result {
  return { kind: 'timed-out', reason: `the call's time was over ${how}` }
}
