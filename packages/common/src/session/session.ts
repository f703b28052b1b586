/**
 * One live conversation: it numbers and routes frames, multiplexes streams and notices when the other side is gone.
 * Floor 3. The handshake is over when a session is made (endpoint.ts); the channel belongs to the endpoint. Whatever the
 * other side does wrong ends this session, never the daemon.
 */
import type { Clock } from '../clock.js'
import { PeerError, sentenceOf, UsageError } from '../errors.js'
import { channelStuckMs } from '../limits.js'
import type { Log } from '../log.js'
import { FrameType } from '../wire/frame.js'
import type { Frame, FrameTypeByte, Role, SessionName } from '../wire/frame.js'
import type { Hello } from '../wire/hello.js'
import {
  decodeEnd,
  decodePing,
  decodeReceived,
  echoOfPing,
  encodeEnd,
  encodePing,
  encodeReceived,
} from '../wire/message.js'
import type { EndReason } from '../wire/message.js'
import type { Request } from '../wire/request.js'
import { Acknowledger } from './acknowledger.js'
import type { CallingStream } from './calling-stream.js'
import { Calls } from './calls.js'
import type { Counters } from './counters.js'
import { Heartbeat } from './heartbeat.js'
import type { HeartbeatTimes } from './heartbeat.js'
import { IncomingFrames } from './incoming-frames.js'
import { Outbox } from './outbox.js'
import { Pings } from './pings.js'
import type { ServingStream } from './serving-stream.js'
import { explain } from './session-end.js'
import type { SessionEnd } from './session-end.js'
import { UnsentRequests } from './unsent-requests.js'

/** What a session needs. */
export interface SessionOptions {
  readonly role: Role
  readonly name: SessionName
  /** What the other side said of itself. */
  readonly remote: Hello
  readonly write: (batch: Buffer) => boolean
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  readonly heartbeat: HeartbeatTimes
  /** Told of each PING that was answered. */
  readonly onRoundTrip?: ((roundTripMs: number) => void) | undefined
  /** Serving end: a call has come. */
  readonly onCall: (stream: ServingStream) => void
  /** The session is over, told exactly once. */
  readonly onEnd: (reason: SessionEnd) => void
}

/** A session in its ready state. */
export class Session {
  readonly name: SessionName
  readonly remote: Hello
  readonly #options: SessionOptions
  readonly #outbox: Outbox
  readonly #heartbeat: Heartbeat
  readonly #calls: Calls
  readonly #acknowledger: Acknowledger
  readonly #unsent: UnsentRequests
  readonly #incoming: IncomingFrames
  readonly #pings: Pings
  /** Since when the channel has taken nothing; `undefined` while it does. */
  #stuckSinceMs: number | undefined
  #end: SessionEnd | undefined

  constructor(options: SessionOptions) {
    const { name, remote, clock, counters, heartbeat } = options
    this.name = name
    this.remote = remote
    this.#options = options
    this.#pings = new Pings({ clock, onTrip: (roundTripMs) => options.onRoundTrip?.(roundTripMs) })
    this.#outbox = new Outbox({
      session: name,
      write: (batch) => this.#write(batch),
      counters,
      onOverflow: () => this.#endWith('not-reading'),
    })
    this.#calls = new Calls({ outbox: this.#outbox, clock, counters, onCall: options.onCall })
    this.#acknowledger = new Acknowledger({
      clock,
      send: (byteCount) => this.#send(FrameType.received, encodeReceived(byteCount)),
      holdsTooMuch: () => this.#calls.holdsTooMuch,
    })
    this.#heartbeat = new Heartbeat({
      ...heartbeat,
      clock,
      ask: () => this.#sendPing(),
      dead: () => this.#endSilent(),
    })
    this.#incoming = new IncomingFrames(options.role)
    this.#unsent = new UnsentRequests({
      silentMs: () => this.#heartbeat.silentMs,
      ask: () => this.#sendPing(),
    })
    counters.sessions += 1
  }

  /** Why the session is over, or `undefined` while it lives. */
  get ended(): SessionEnd | undefined {
    return this.#end
  }

  /** Calls under way. */
  get callCount(): number {
    return this.#calls.count
  }

  /** Commands under way: the calls without what only asks or watches. */
  get runCount(): number {
    return this.#calls.countOf(['run'])
  }

  /** Bytes that wait here to be sent; what the channel has taken is not among them. */
  get queuedBytes(): number {
    return this.#outbox.controlBytes + this.#calls.queuedBytes
  }

  /** Calls that wait for a sign of life before they are sent. */
  get waitingCount(): number {
    return this.#unsent.count
  }

  /** Whether the next call is refused for their number, or the channel takes nothing. */
  get isBusy(): boolean {
    const { clock } = this.#options
    if (this.#stuckSinceMs !== undefined && clock.now() - this.#stuckSinceMs >= channelStuckMs) return true
    return this.#calls.isFull
  }

  /** Calls under way that ask for one of these. */
  countOf(asks: readonly Request['ask'][]): number {
    return this.#calls.countOf(asks)
  }

  /**
   * Starts a call. When nothing has been heard for a while the request first waits for a sign of life, so that nothing is
   * written to somebody who would read it late.
   * @throws {UsageError} `request-too-long`, `session-ended`, `too-many-calls`
   */
  open(request: Request): CallingStream {
    if (this.#end !== undefined)
      throw new UsageError('Cannot start the call: the session is over', { code: 'session-ended' })
    const stream = this.#calls.open(request)
    this.#unsent.begin(stream)
    return stream
  }

  /**
   * Measures one round trip between the two daemons.
   * @returns milliseconds; `undefined` when the session ended before the answer
   */
  async ping(): Promise<number | undefined> {
    if (this.#end !== undefined) return undefined
    return await this.#pings.trip(this.#sendPing())
  }

  /** Takes a frame of this session. */
  receive(frame: Frame): void {
    if (this.#end !== undefined) return
    this.#heartbeat.heard()
    try {
      this.#take(frame)
    } catch (error) {
      this.#endBroken(error)
    }
    if (this.#end === undefined) this.#unsent.heard()
  }

  /** The channel takes bytes again. */
  drained(): void {
    this.#stuckSinceMs = undefined
    this.#outbox.drained()
  }

  /** Ends the session in order, telling the other side. */
  close(): void {
    this.#endWith('closing')
  }

  /** The session is over without a word: its channel is, or a newer session took its place. */
  drop(reason: 'replaced' | 'channel-closed'): void {
    this.#finish(reason)
  }

  #write(batch: Buffer): boolean {
    const { write, clock } = this.#options
    const isTaken = write(batch)
    if (!isTaken) this.#stuckSinceMs = clock.now()
    return isTaken
  }

  #take(frame: Frame): void {
    // Also from a server that was restarted and does not know how many frames its forerunner had sent.
    if (frame.type === FrameType.end) return this.#finish(decodeEnd(frame.payload))
    this.#incoming.check(frame)
    if (frame.stream === 0) this.#takeForSession(frame)
    else this.#takeForStream(frame)
  }

  #takeForSession(frame: Frame): void {
    switch (frame.type) {
      case FrameType.ping:
        return this.#send(FrameType.pong, echoOfPing(frame.payload))
      case FrameType.pong:
        return this.#pings.answered(decodePing(frame.payload))
      case FrameType.received:
        return this.#outbox.acknowledged(decodeReceived(frame.payload))
      default:
        throw new PeerError(`Cannot take a frame of type ${frame.type} without a stream`, {
          code: 'bad-frame',
        })
    }
  }

  #takeForStream(frame: Frame): void {
    const isData =
      frame.type === FrameType.stdin || frame.type === FrameType.stdout || frame.type === FrameType.stderr
    if (isData) this.#acknowledger.arrived(frame.payload.length)
    this.#calls.receive(frame)
  }

  #sendPing(): number {
    const token = this.#pings.next()
    this.#send(FrameType.ping, encodePing(token))
    return token
  }

  #send(type: FrameTypeByte, payload: Buffer): void {
    this.#outbox.control(type, { stream: 0, payload })
  }

  #endBroken(error: unknown): void {
    const { counters, log } = this.#options
    if (error instanceof PeerError) {
      counters.protocolErrors += 1
      log.warn('The other side broke the protocol; its session ends', { reason: error.message })
    } else {
      // A fault of ours must not cost more than this session.
      log.error('Taking a frame failed; its session ends', { reason: sentenceOf(error) })
    }
    this.#endWith(
      error instanceof PeerError && error.code === 'frames-lost' ? 'frames-lost' : 'protocol-error',
    )
  }

  #endSilent(): void {
    this.#options.counters.silences += 1
    this.#endWith('silent')
  }

  #endWith(reason: EndReason): void {
    if (this.#end !== undefined) return
    this.#send(FrameType.end, encodeEnd(reason))
    this.#finish(reason)
  }

  #finish(reason: SessionEnd): void {
    if (this.#end !== undefined) return
    this.#end = reason
    this.#heartbeat.stop()
    this.#acknowledger.stop()
    this.#outbox.close()
    this.#calls.lose(`the session ended: ${explain(reason)}`)
    this.#pings.close()
    this.#unsent.forget()
    this.#options.onEnd(reason)
  }
}
