/**
 * The serving end of a stream: it reads standard input, writes both outputs and gives one result.
 * Floor 3.
 */
import { PeerError } from '../errors.js'
import { FrameType } from '../wire/frame.js'
import type { Frame } from '../wire/frame.js'
import { decodeCredit, decodeSignal, encodeCredit } from '../wire/message.js'
import type { SignalName } from '../wire/message.js'
import type { Request } from '../wire/request.js'
import { encodeResult } from '../wire/result.js'
import type { Result } from '../wire/result.js'
import { LaneReader } from './lane-reader.js'
import { LaneWriter } from './lane-writer.js'
import type { Outbox } from './outbox.js'
import { nextState } from './state-table.js'
import { streamTable } from './stream-state.js'
import type { StreamEvent, StreamState } from './stream-state.js'

/** Why a call must end although its command has not. */
export type StopCause = 'cancelled' | 'lost'

/** What the side that runs a call wants to know of its caller. */
export interface ServingListener {
  /** The caller has left, or the session is over: end the call. Told at most once. */
  stop(cause: StopCause): void
  signal(name: SignalName): void
}

interface ServingStreamOptions {
  readonly id: number
  readonly request: Request
  readonly outbox: Outbox
  readonly onFinished: (stream: ServingStream) => void
}

/** One call as the side that runs it sees it. */
export class ServingStream {
  readonly id: number
  #request: Request
  readonly stdin: LaneReader
  readonly stdout: LaneWriter
  readonly stderr: LaneWriter
  readonly #options: ServingStreamOptions
  #listener: ServingListener | undefined
  #stopCause: StopCause | undefined
  #result: Result | undefined
  #state: StreamState = 'open'

  constructor(options: ServingStreamOptions) {
    const { id, request, outbox } = options
    this.id = id
    this.#request = request
    this.#options = options
    this.stdin = new LaneReader((byteCount) => this.#grantStdin(byteCount))
    this.stdout = this.#outputLane(FrameType.stdout, outbox)
    this.stderr = this.#outputLane(FrameType.stderr, outbox)
  }

  /** What is asked; without its arguments once it has its result, for a peer that reads no results shall hold none of them. */
  get request(): Request {
    return this.#request
  }

  /** Whether the caller has left or the session is over. */
  get isStopped(): boolean {
    return this.#stopCause !== undefined
  }

  /** Begins to hear of the caller; what happened before is told at once. */
  listen(listener: ServingListener): void {
    this.#listener = listener
    if (this.#stopCause !== undefined) listener.stop(this.#stopCause)
  }

  /** Gives the call's one result; it leaves after all output that was written. Later results are ignored. */
  finish(result: Result): void {
    if (this.#result !== undefined || this.#state === 'finished') return
    this.#result = result
    this.#listener = undefined
    if (this.#request.ask === 'run') this.#request = { ...this.#request, args: [] }
    this.stdin.discard()
    this.stdout.end()
    this.stderr.end()
    this.#sendResultWhenEnded()
  }

  /** Takes one of this stream's frames. @throws {PeerError} when it is not to be understood or out of order */
  receive(frame: Frame): void {
    switch (frame.type) {
      case FrameType.stdin:
        return this.stdin.deliver(frame.payload)
      case FrameType.credit:
        return this.#takeCredit(frame)
      case FrameType.cancel:
        return this.#stop('cancelled')
      case FrameType.signal:
        return this.#takeSignal(decodeSignal(frame.payload))
      default:
        throw new PeerError(`Cannot take a frame of type ${frame.type} on a stream`, { code: 'bad-frame' })
    }
  }

  /** The session is over: nobody waits for this call any more. */
  lose(): void {
    if (this.#state === 'finished') return
    this.#state = 'finished'
    this.#abandonOutput()
    // Before its input ends: a command that reads to the end must not take what came so far for all of it.
    this.#tellStop('lost')
    this.stdin.abandon()
  }

  #takeCredit(frame: Frame): void {
    const { lane, byteCount } = decodeCredit(frame.payload)
    if (lane === FrameType.stdin)
      throw new PeerError('Cannot take credit for standard input', { code: 'bad-frame' })
    const writer = lane === FrameType.stdout ? this.stdout : this.stderr
    writer.grant(byteCount)
  }

  #takeSignal(name: SignalName): void {
    this.#state = this.#moved('signal')
    if (this.#result === undefined) this.#listener?.signal(name)
  }

  #stop(cause: StopCause): void {
    this.#state = this.#moved('cancel')
    this.#abandonOutput()
    if (this.#result === undefined) this.#tellStop(cause)
    else this.#sendResultWhenEnded()
  }

  #tellStop(cause: StopCause): void {
    if (this.#stopCause !== undefined) return
    this.#stopCause = cause
    this.#listener?.stop(cause)
  }

  #abandonOutput(): void {
    this.stdout.abandon()
    this.stderr.abandon()
  }

  #outputLane(type: typeof FrameType.stdout | typeof FrameType.stderr, outbox: Outbox): LaneWriter {
    const lane = new LaneWriter({ stream: this.id, type }, (changed) => outbox.changed(changed))
    lane.onEnded = () => this.#sendResultWhenEnded()
    return lane
  }

  #sendResultWhenEnded(): void {
    if (this.#result === undefined || !this.stdout.isEnded || !this.stderr.isEnded) return
    this.#state = this.#moved('result')
    this.#options.outbox.control(FrameType.result, { stream: this.id, payload: encodeResult(this.#result) })
    this.#options.onFinished(this)
  }

  #grantStdin(byteCount: number): void {
    if (this.#state !== 'open') return
    const payload = encodeCredit({ lane: FrameType.stdin, byteCount })
    this.#options.outbox.control(FrameType.credit, { stream: this.id, payload })
  }

  #moved(event: StreamEvent): StreamState {
    return nextState({ table: streamTable, thing: 'call', state: this.#state, event })
  }
}
