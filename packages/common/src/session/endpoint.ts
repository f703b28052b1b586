/**
 * One end of a channel: it makes the handshake, anew whenever a session is over, and has at most one session at a time.
 * Floor 3. A caller opens and repeats its opening until it is answered; a server never speaks first, for a python-negotiator
 * client would take that for its answer.
 */
import { randomBytes } from 'node:crypto'
import type { Channel, ChannelReceiver } from '../channel/channel.js'
import type { Clock, Timer } from '../clock.js'
import { BufferSweeper } from '../dead-buffers.js'
import { PeerError } from '../errors.js'
import { openRetryMaxMs, openRetryMinMs, reconnectMinMs, refusedRetryMs } from '../limits.js'
import type { Log } from '../log.js'
import { Decoder } from '../wire/decode.js'
import { encodeFrame } from '../wire/encode.js'
import { FrameType, isSameSession, mayNameSession } from '../wire/frame.js'
import type { Frame, FrameTypeByte, Role, SessionName } from '../wire/frame.js'
import {
  commonVersion,
  encodeHello,
  encodeOpening,
  epochName,
  helloFrom,
  sessionNameOf,
} from '../wire/hello.js'
import type { Hello } from '../wire/hello.js'
import { objectFromPayload } from '../wire/fields.js'
import { encodeEnd } from '../wire/message.js'
import type { Counters } from './counters.js'
import type { HeartbeatTimes } from './heartbeat.js'
import type { ServingStream } from './serving-stream.js'
import { explain, Session } from './session.js'
import type { SessionEnd } from './session.js'
import { endpointTable } from './session-state.js'
import type { EndpointEvent, EndpointState } from './session-state.js'
import { nextState } from './state-table.js'

/** What one side says of itself in each handshake; the epoch is added. */
export type LocalHello = Omit<Hello, 'epoch'>

/** What an endpoint needs. */
export interface EndpointOptions {
  readonly channel: Channel
  readonly role: Role
  readonly hello: LocalHello
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  readonly heartbeat: HeartbeatTimes
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
  /** The channel is over, and with it this endpoint. */
  closed(cause?: Error): void
}

/** One end of a channel. */
export class Endpoint {
  readonly #options: EndpointOptions
  readonly #decoder: Decoder
  readonly #sweeper = new BufferSweeper()
  #state: EndpointState = 'idle'
  #session: Session | undefined
  /** Caller: our epoch. Server: the caller's and ours. */
  #callerEpoch = ''
  #serverEpoch = ''
  #timer: Timer | undefined
  /** The channel asked to wait: nobody reads, and openings that pile up would only cost memory. */
  #isFull = false
  #strayAnsweredMs = Number.NEGATIVE_INFINITY

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#decoder = new Decoder({
      frame: (frame) => this.#takeFrame(frame),
      opening: (hello) => this.#takeOpening(hello),
      badOpening: (error) => options.log.debug('An opening could not be read', { reason: error.message }),
      skipped: (byteCount) => (options.counters.garbageBytes += byteCount),
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
    this.#options.channel.start(this.#receiver())
    if (this.#options.role === 'caller') this.#open()
  }

  /** Caller: begins a new session, because we know better than the silence that the other side was restarted. */
  reopen(): void {
    if (this.#options.role !== 'caller' || this.#state !== 'ready') return
    this.#session?.drop('replaced')
  }

  /** Ends the session in order, and the channel. */
  close(): void {
    this.#session?.close()
    this.#options.channel.close()
  }

  #receiver(): ChannelReceiver {
    const { counters } = this.#options
    return {
      bytes: (chunk) => {
        counters.bytesReceived += chunk.length
        this.#sweeper.passed(chunk.length)
        this.#decoder.push(chunk)
      },
      drained: () => {
        this.#isFull = false
        this.#session?.drained()
      },
      closed: (cause) => this.#closed(cause),
    }
  }

  #closed(cause: Error | undefined): void {
    this.#session?.drop('channel-closed')
    this.#timer?.cancel()
    this.#move('close')
    this.#options.listener.closed(cause)
  }

  // ---- the calling end ----

  #open(): void {
    this.#move('open')
    this.#callerEpoch = newEpoch()
    this.#sendOpening(openRetryMinMs)
  }

  /** The same epoch each time: an opening that arrives twice is the same opening. */
  #sendOpening(retryMs: number): void {
    const { hello } = this.#options
    if (!this.#isFull) this.#write(encodeOpening({ ...hello, epoch: this.#callerEpoch }))
    this.#setTimer(retryMs, () => this.#sendOpening(Math.min(retryMs * 2, openRetryMaxMs)))
  }

  #takeAnswer(frame: Frame): void {
    if (this.#state !== 'opening' || !isSameSession(frame.session, epochName(this.#callerEpoch))) return this.#dropStray(frame)
    const remote = readHello(frame)
    if (remote === undefined) return this.#dropStray(frame)
    if (frame.type === FrameType.refuse || commonVersion(this.#options.hello.versions, remote.versions) === undefined) {
      this.#move('refuse')
      this.#setTimer(refusedRetryMs, () => this.#open())
      this.#options.listener.refused(remote)
      return
    }
    this.#move('hello')
    this.#begin(sessionNameOf(this.#callerEpoch, remote.epoch), remote)
  }

  // ---- the serving end ----

  #takeOpening(remote: Hello): void {
    if (this.#options.role === 'caller') return
    const isRepeated = this.#state === 'ready' && remote.epoch === this.#callerEpoch
    if (isRepeated) return this.#sendHello(FrameType.hello)
    this.#session?.drop('replaced')
    this.#callerEpoch = remote.epoch
    this.#serverEpoch = answeringEpoch(remote.epoch)
    if (commonVersion(this.#options.hello.versions, remote.versions) === undefined) {
      this.#sendHello(FrameType.refuse)
      this.#options.listener.refused(remote)
      return
    }
    this.#sendHello(FrameType.hello)
    this.#move('opened')
    this.#begin(sessionNameOf(remote.epoch, this.#serverEpoch), remote)
  }

  #sendHello(type: typeof FrameType.hello | typeof FrameType.refuse): void {
    const payload = encodeHello({ ...this.#options.hello, epoch: this.#serverEpoch })
    this.#writeFrame(type, { session: epochName(this.#callerEpoch), payload })
  }

  // ---- both ----

  #begin(name: SessionName, remote: Hello): void {
    this.#timer?.cancel()
    const { role, clock, log, counters, heartbeat, listener } = this.#options
    const session: Session = new Session({
      role,
      name,
      remote,
      write: (batch) => this.#write(batch),
      clock,
      log,
      counters,
      heartbeat,
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
    log.debug('A session ended', { reason: explain(reason) })
    listener.sessionEnded(reason)
    if (role === 'caller' && reason !== 'channel-closed') this.#setTimer(reconnectMinMs, () => this.#open())
  }

  #takeFrame(frame: Frame): void {
    this.#options.counters.framesReceived += 1
    if (this.#session !== undefined && isSameSession(frame.session, this.#session.name)) this.#session.receive(frame)
    else if (frame.type === FrameType.hello || frame.type === FrameType.refuse) this.#takeAnswer(frame)
    else this.#dropStray(frame)
  }

  /** A frame of another session is never acted on; a caller that still believes in that session is told once in a while. */
  #dropStray(frame: Frame): void {
    const { role, clock, counters } = this.#options
    counters.strayFrames += 1
    const isAsking = frame.type === FrameType.ping || frame.type === FrameType.request
    if (role !== 'server' || !isAsking || clock.now() - this.#strayAnsweredMs < reconnectMinMs) return
    this.#strayAnsweredMs = clock.now()
    this.#writeFrame(FrameType.end, { session: frame.session, payload: encodeEnd('unknown-session') })
  }

  #writeFrame(type: FrameTypeByte, { session, payload }: { session: SessionName; payload: Buffer }): void {
    this.#write(encodeFrame({ type, sequence: 0, stream: 0, session, payload }))
  }

  #write(bytes: Buffer): boolean {
    this.#sweeper.passed(bytes.length)
    this.#isFull = !this.#options.channel.write(bytes)
    return !this.#isFull
  }

  #setTimer(delayMs: number, action: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimer(delayMs, action)
  }

  #move(event: EndpointEvent): void {
    this.#state = nextState({ table: endpointTable, thing: 'channel', state: this.#state, event })
  }
}

function newEpoch(): string {
  return randomBytes(8).toString('hex')
}

/** A server's epoch: of 16 random ones about 15 make a name that may be given. */
function answeringEpoch(callerEpoch: string): string {
  let epoch = newEpoch()
  while (!mayNameSession(sessionNameOf(callerEpoch, epoch))) epoch = newEpoch()
  return epoch
}

function readHello(frame: Frame): Hello | undefined {
  try {
    return helloFrom(objectFromPayload(frame.payload, 'hello'))
  } catch (error) {
    if (error instanceof PeerError) return undefined
    throw error
  }
}
