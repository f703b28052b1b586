/**
 * One end of a channel: it makes the handshake, anew whenever a session is over, and has at most one session at a time.
 * Floor 3. A caller opens and repeats its opening until it is answered; a server never speaks first, for a python-negotiator
 * client would take that for its answer.
 */
import type { Channel } from '../channel/channel.js'
import type { Clock, Timer } from '../clock.js'
import { openRetryMaxMs, openRetryMinMs, reconnectMinMs, refusedRetryMs } from '../limits.js'
import type { Log } from '../log.js'
import { encodeFrame } from '../wire/encode.js'
import { FrameType, isSameSession } from '../wire/frame.js'
import type { Frame, Role, SessionName } from '../wire/frame.js'
import type { Hello } from '../wire/hello.js'
import { encodeEnd } from '../wire/message.js'
import type { Counters } from './counters.js'
import { CallerHandshake, ServerHandshake } from './handshake.js'
import type { LocalHello } from './handshake.js'
import type { HeartbeatTimes } from './heartbeat.js'
import type { ServingStream } from './serving-stream.js'
import { Session } from './session.js'
import { explain } from './session-end.js'
import type { SessionEnd } from './session-end.js'
import { endpointTable } from './session-state.js'
import type { EndpointEvent, EndpointState } from './session-state.js'
import { nextState } from './state-table.js'
import { WireChannel } from './wire-channel.js'

/** What an endpoint needs. */
export interface EndpointOptions {
  readonly channel: Channel
  readonly role: Role
  readonly hello: LocalHello
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  readonly heartbeat: HeartbeatTimes
  /** Told of each PING that was answered. */
  readonly onRoundTrip?: ((roundTripMs: number) => void) | undefined
  readonly listener: EndpointListener
}

/** What an endpoint tells. */
export interface EndpointListener {
  /** A session is ready. */
  session(session: Session): void
  /** Serving end: a call has come. */
  call(stream: ServingStream, session: Session): void
  /** The session is over; another may follow. */
  sessionEnded(reason: SessionEnd): void
  /** The other side speaks no version that we speak. */
  refused(remote: Hello): void
  /** Bytes that are not of our protocol: garbage, or a peer that speaks another one. */
  foreign?(bytes: Buffer): void
  /** More may be written after `writeForeign` had answered `false`. */
  drained?(): void
  /** The channel is over, and with it this endpoint. */
  closed(cause?: Error): void
}

/** One end of a channel. */
export class Endpoint {
  readonly #options: EndpointOptions
  readonly #wire: WireChannel
  readonly #asCaller: CallerHandshake
  readonly #asServer: ServerHandshake
  #state: EndpointState = 'idle'
  #session: Session | undefined
  #timer: Timer | undefined
  #strayAnsweredMs = Number.NEGATIVE_INFINITY
  /** The newest opening that came while there was no room for an answer. */
  #unanswered: Hello | undefined

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#asCaller = new CallerHandshake(options.hello)
    this.#asServer = new ServerHandshake(options.hello)
    const { channel, clock, counters, log, listener } = options
    this.#wire = new WireChannel({
      channel,
      clock,
      counters,
      isPatient: () => this.#state === 'ready' || this.#state === 'closed',
      receiver: {
        frame: (frame) => this.#takeFrame(frame),
        opening: (hello) => this.#takeOpening(hello),
        badOpening: (error) => log.debug('An opening could not be read', { reason: error.message }),
        foreign: (bytes) => listener.foreign?.(bytes),
        drained: () => this.#drained(),
        closed: (cause) => this.#closed(cause),
      },
    })
  }

  get state(): EndpointState {
    return this.#state
  }

  /** The live session, if there is one. */
  get session(): Session | undefined {
    return this.#session
  }

  /** Begins; called once. */
  start(): void {
    this.#wire.start()
    if (this.#options.role === 'caller') this.#open()
  }

  /** Ends the session without a word, because we know better than the silence that the other side is another process now. */
  replace(): void {
    this.#session?.drop('replaced')
  }

  /**
   * Writes bytes of another protocol; dropped while there is a session or nobody reads.
   * @returns whether they have left us, and more may be written at once
   */
  writeForeign(bytes: Buffer): boolean {
    return this.#session === undefined && !this.#wire.isFull && this.#wire.write(bytes)
  }

  /** Caller: does not repeat the opening by itself any more, for a peer of another protocol has answered it. */
  rest(): void {
    if (this.#state === 'opening') this.#timer?.cancel()
  }

  /** Caller: sends the opening once, for the peer may have been replaced by one of ours. */
  knock(): void {
    if (this.#state === 'opening' && !this.#wire.isFull) this.#wire.write(this.#asCaller.opening())
  }

  /** Caller: repeats the opening again, until it is answered. */
  wake(): void {
    if (this.#state === 'opening') this.#sendOpening(openRetryMinMs)
  }

  /** Ends the session in order, and the channel. */
  close(): void {
    this.#session?.close()
    this.#wire.close()
  }

  #closed(cause: Error | undefined): void {
    this.#session?.drop('channel-closed')
    this.#timer?.cancel()
    this.#unanswered = undefined
    this.#move('close')
    this.#options.listener.closed(cause)
  }

  // ---- the calling end ----

  #open(): void {
    this.#move('open')
    this.#asCaller.renew()
    this.#sendOpening(openRetryMinMs)
  }

  #sendOpening(retryMs: number): void {
    if (!this.#wire.isFull) this.#wire.write(this.#asCaller.opening())
    this.#setTimer(retryMs, () => this.#sendOpening(Math.min(retryMs * 2, openRetryMaxMs)))
  }

  #takeAnswer(frame: Frame): void {
    const agreement = this.#state === 'opening' ? this.#asCaller.take(frame) : undefined
    if (agreement === undefined) return this.#dropStray(frame)
    this.#timer?.cancel()
    if (agreement.kind === 'refused') {
      this.#move('refuse')
      this.#setTimer(refusedRetryMs, () => this.#open())
      this.#options.listener.refused(agreement.remote)
      return
    }
    this.#move('hello')
    this.#begin(agreement)
  }

  // ---- the serving end ----

  #takeOpening(remote: Hello): void {
    if (this.#options.role === 'caller') return
    const isRepeated = this.#state === 'ready' && this.#asServer.isRepeated(remote)
    if (!isRepeated) this.#session?.drop('replaced')
    if (this.#wire.isFull) return void (this.#unanswered = remote)
    if (isRepeated) return void this.#wire.write(this.#asServer.answer('agreed'))
    const agreement = this.#asServer.take(remote)
    this.#wire.write(this.#asServer.answer(agreement.kind))
    if (agreement.kind === 'refused') return this.#options.listener.refused(remote)
    this.#move('opened')
    this.#begin(agreement)
  }

  // ---- both ----

  /** Only the newest opening is answered: a peer that opens without end and reads nothing must not have answers pile up. */
  #drained(): void {
    const opening = this.#unanswered
    this.#unanswered = undefined
    this.#session?.drained()
    this.#options.listener.drained?.()
    if (opening !== undefined) this.#takeOpening(opening)
  }

  #begin({ name, remote }: { name: SessionName; remote: Hello }): void {
    const { role, clock, log, counters, heartbeat, onRoundTrip, listener } = this.#options
    const session: Session = new Session({
      role,
      name,
      remote,
      write: (batch) => this.#wire.write(batch),
      clock,
      log,
      counters,
      heartbeat,
      onRoundTrip,
      onCall: (stream) => listener.call(stream, session),
      onEnd: (reason) => this.#sessionEnded(reason),
    })
    this.#session = session
    listener.session(session)
  }

  #sessionEnded(reason: SessionEnd): void {
    const { role, log, listener } = this.#options
    this.#session = undefined
    this.#move('end')
    this.#wire.watchFragment()
    log.debug('A session ended', { reason: explain(reason) })
    listener.sessionEnded(reason)
    if (role === 'caller' && reason !== 'channel-closed') this.#setTimer(reconnectMinMs, () => this.#open())
  }

  #takeFrame(frame: Frame): void {
    this.#options.counters.framesReceived += 1
    if (this.#session !== undefined && isSameSession(frame.session, this.#session.name))
      this.#session.receive(frame)
    else if (frame.type === FrameType.hello || frame.type === FrameType.refuse) this.#takeAnswer(frame)
    else this.#dropStray(frame)
  }

  /** A frame of another session is never acted on; a caller that still believes in that session is told once in a while. */
  #dropStray(frame: Frame): void {
    const { role, clock, counters } = this.#options
    counters.strayFrames += 1
    const isAsking = frame.type === FrameType.ping || frame.type === FrameType.request
    if (
      role !== 'server' ||
      !isAsking ||
      this.#wire.isFull ||
      clock.now() - this.#strayAnsweredMs < reconnectMinMs
    )
      return
    this.#strayAnsweredMs = clock.now()
    const payload = encodeEnd('unknown-session')
    this.#wire.write(
      encodeFrame({ type: FrameType.end, sequence: 0, stream: 0, session: frame.session, payload }),
    )
  }

  #setTimer(delayMs: number, action: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimer(delayMs, action)
  }

  #move(event: EndpointEvent): void {
    this.#state = nextState({ table: endpointTable, thing: 'channel', state: this.#state, event })
  }
}
