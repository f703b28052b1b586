/**
 * One side's tie to one peer: a channel on which we call, a channel on which we serve.
 * Floor 7. The same code on both sides; only who brings the channels differs.
 */
import type { CatalogueEntry } from '../call/catalogue.js'
import type { IncomingCall, OutgoingCall } from '../call/call.js'
import type { Caller } from '../policy/caller.js'
import { isCallable } from '../call/peer.js'
import type { Obstacle, Peer, PeerFacts, PeerState } from '../call/peer.js'
import type { Line } from '../call/turns.js'
import type { Channel } from '../channel/channel.js'
import type { Clock } from '../clock.js'
import type { AskableAgent } from '../dialects/dialect.js'
import { sentenceOf } from '../errors.js'
import { catalogueTellMs } from '../limits.js'
import type { Log } from '../log.js'
import { limitLog } from '../log-limit.js'
import { newCounters } from '../session/counters.js'
import type { Counters } from '../session/counters.js'
import { ClassicEnds } from './classic-ends.js'
import { LinkRecord } from './link-record.js'
import { cannotCall, cannotRelay, notReady } from './not-callable.js'
import { OtherAgent } from './other-agent.js'
import { Paced } from './paced.js'
import { watchCatalogue } from './watched-catalogue.js'
import { Endpoint } from '../session/endpoint.js'
import type { EndpointListener } from '../session/endpoint.js'
import type { LocalHello } from '../session/handshake.js'
import type { HeartbeatTimes } from '../session/heartbeat.js'
import type { Session } from '../session/session.js'
import type { Role } from '../wire/frame.js'
import { relayedCallers } from '../wire/hello.js'
import type { Hello } from '../wire/hello.js'
import type { Request } from '../wire/request.js'

/** What a link needs. */
export interface LinkOptions {
  /** The peer's name as our side knows it. */
  readonly name: string
  readonly uuid?: string | undefined
  /** How the peer's calls are signed. */
  readonly caller: Caller
  readonly hello: LocalHello
  readonly clock: Clock
  readonly log: Log
  readonly heartbeat: HeartbeatTimes
  /** Serves a call of the peer. */
  readonly serve: (call: IncomingCall, caller: Caller) => void
  /** Whether our policy lets the peer call nothing and be called by nobody. */
  readonly isDenied: () => boolean
  /** The peer's calls that wait for their turn. */
  readonly line: () => Line
  /** Something that `peers` tells has changed. */
  readonly onChange: () => void
}

/** The tie to one peer. */
export class Link implements Peer {
  readonly name: string
  readonly uuid: string | undefined
  readonly counters: Readonly<Record<Role, Counters>> = { caller: newCounters(), server: newCounters() }
  readonly #options: LinkOptions
  readonly #endpoints = new Map<Role, Endpoint>()
  readonly #classic: ClassicEnds
  readonly #record: LinkRecord
  /** A peer may tell its commands anew as often as it likes, and each change is told to all who watch. */
  readonly #catalogueChange: Paced
  #otherAgent: OtherAgent | undefined
  #calling: Session | undefined
  #remote: Hello | undefined
  #isRefused = false
  #obstacle: Obstacle | undefined
  #commands: readonly CatalogueEntry[] | undefined

  constructor(options: LinkOptions) {
    // Most of its lines tell what the peer did, as often as the peer likes.
    this.#options = { ...options, log: limitLog(options.log, options.clock) }
    this.name = options.name
    this.uuid = options.uuid
    this.#record = new LinkRecord(options.clock)
    this.#catalogueChange = new Paced({
      clock: options.clock,
      intervalMs: catalogueTellMs,
      action: () => options.onChange(),
    })
    this.#classic = new ClassicEnds({
      ...this.#options,
      serve: (call) => this.#serve(call),
      endpoint: (role) => this.#endpoints.get(role),
      onCommands: (commands) => this.#told(commands),
      onChange: () => options.onChange(),
    })
  }

  /** Calls go to this one, where there is one, while our own daemon is not there. */
  setOtherAgent(find: () => AskableAgent | undefined): void {
    this.#otherAgent = new OtherAgent({ ...this.#options, find })
  }

  /** Takes note of what the hypervisor says; `undefined` when nothing is in the way. */
  setObstacle(obstacle: Obstacle | undefined): void {
    if (this.#obstacle === obstacle) return
    this.#obstacle = obstacle
    this.#options.onChange()
  }

  get state(): PeerState {
    if (this.#obstacle !== undefined) return this.#obstacle
    if (this.#calling !== undefined) return 'ready'
    if (this.#classic.isThere) return 'classic'
    if (this.#isRefused) return 'refused'
    return this.#endpoints.has('caller') ? 'silent' : 'connecting'
  }

  get remote(): Hello | undefined {
    return this.#remote
  }

  get commands(): readonly CatalogueEntry[] | undefined {
    return isCallable(this.state) ? this.#commands : this.#otherAgent?.commands(this.state)
  }

  get via(): string | undefined {
    return isCallable(this.state) ? undefined : this.#otherAgent?.via(this.state)
  }

  get callCount(): number {
    return [...this.#endpoints.values()].reduce(
      (sum, endpoint) => sum + (endpoint.session?.runCount ?? 0),
      this.#classic.callCount,
    )
  }

  get facts(): PeerFacts {
    const { line, isDenied } = this.#options
    const lines = [line(), this.#classic.line]
    return { ...this.#record.facts({ endpoints: this.#endpoints, lines }), isDenied: isDenied() }
  }

  /** Takes note of what went wrong with the peer or on the way to it, for `status`. */
  failed(reason: string): void {
    this.#record.failed(reason)
  }

  /** Starts a call on the peer. @throws {UsageError} `not-ready`, naming the state, or as `Session.open` does */
  open(request: Request): OutgoingCall {
    const call = this.#open(request)
    if (request.ask === 'run') this.#record.callTotal += 1
    return call
  }

  #open(request: Request): OutgoingCall {
    if (isSigned(request) && !this.#readsCallers) throw cannotRelay(this.name)
    if (this.#calling !== undefined) return this.#calling.open(request)
    if (this.#classic.isThere && request.ask === 'run') return this.#classic.open(request)
    // It could not be told whose call it is.
    if (request.ask !== 'run' || isSigned(request) || this.#otherAgent === undefined)
      throw cannotCall(this.name, this.state)
    return this.#otherAgent.open(request, this.state)
  }

  async ping(): Promise<number | undefined> {
    // A session measures its own.
    if (this.#calling !== undefined) return await this.#calling.ping()
    const roundTripMs = await this.#classic.ping()
    if (roundTripMs !== undefined) this.#record.roundTrips.add(roundTripMs)
    return roundTripMs
  }

  async refreshCommands(): Promise<void> {
    if (this.#classic.isThere) await this.#classic.refreshCommands()
  }

  /**
   * Uses a channel for as long as it lasts.
   * @param use our `role` on the `channel`, and a `signal` to leave it
   * @returns why the channel is over, if there is a reason
   */
  async use({
    role,
    channel,
    signal,
  }: {
    role: Role
    channel: Channel
    signal: AbortSignal
  }): Promise<Error | undefined> {
    const { hello, clock, log, heartbeat } = this.#options
    return await new Promise((resolve) => {
      const endpoint = new Endpoint({
        channel,
        role,
        hello,
        clock,
        log,
        heartbeat,
        counters: this.counters[role],
        onRoundTrip: (roundTripMs) => this.#record.roundTrips.add(roundTripMs),
        listener: this.#listener(role, (cause) => {
          signal.removeEventListener('abort', leave)
          resolve(cause)
        }),
      })
      const leave = (): void => {
        endpoint.close()
        this.#classic.close()
      }
      signal.addEventListener('abort', leave)
      this.#endpoints.set(role, endpoint)
      this.#classic.plugged(role)
      endpoint.start()
      if (signal.aborted) leave()
      this.#options.onChange()
    })
  }

  /** Whether a call that is passed on will not be taken for our own; one who is not there at all is told of elsewhere. */
  get #readsCallers(): boolean {
    return !isCallable(this.state) || this.#calling?.remote.features.includes(relayedCallers) === true
  }

  #listener(role: Role, onClosed: (cause?: Error) => void): EndpointListener {
    return {
      session: (session) => (role === 'caller' ? this.#ready(session) : this.#served(session.remote)),
      call: (stream) => this.#serve(stream),
      sessionEnded: (reason) => {
        this.#record.sessionEnded(reason)
        if (role === 'caller') this.#notReady()
      },
      refused: (remote) => this.#refused(remote),
      foreign: (bytes) => this.#classic.push(role, bytes),
      drained: () => this.#classic.drained(role),
      closed: (cause) => {
        this.#endpoints.delete(role)
        if (cause !== undefined) this.failed(sentenceOf(cause))
        this.#classic.unplugged(role)
        this.#options.onChange()
        onClosed(cause)
      },
    }
  }

  #serve(call: IncomingCall): void {
    if (call.request.ask === 'run') this.#record.callTotal += 1
    this.#options.serve(call, this.#options.caller)
  }

  #ready(session: Session): void {
    this.#classic.replaced()
    this.#calling = session
    this.#remote = session.remote
    this.#isRefused = false
    this.#options.log.info('Ready', { peer: this.name, agent: session.remote.agent })
    watchCatalogue(session, {
      told: (commands) => this.#told(commands),
      bad: ({ message: reason }) => {
        this.failed(reason)
        this.#options.log.warn('The peer tells its commands wrongly', { peer: this.name, reason })
      },
    })
    this.#options.onChange()
  }

  /** The peer has opened its own session; if it is another process than the one we call, ours talks to nobody. */
  #served(remote: Hello): void {
    if (this.#classic.isThere) return this.#classic.replaced()
    if (this.#remote !== undefined && this.#remote.instance !== remote.instance)
      this.#endpoints.get('caller')?.replace()
  }

  #told(commands: readonly CatalogueEntry[] | undefined): void {
    this.#commands = commands
    this.#catalogueChange.ask()
  }

  #notReady(): void {
    this.#calling = undefined
    this.#commands = undefined
    this.#options.onChange()
  }

  #refused(remote: Hello): void {
    const { versions } = this.#options.hello
    this.failed(notReady.refused)
    if (!this.#isRefused) {
      this.#options.log.warn('The peer speaks no protocol version that we speak; upgrade the older side', {
        peer: this.name,
        theirs: `${remote.versions.min}-${remote.versions.max}`,
        ours: `${versions.min}-${versions.max}`,
        agent: remote.agent,
      })
    }
    this.#isRefused = true
    this.#remote = remote
    this.#options.onChange()
  }
}

function isSigned(request: Request): boolean {
  return request.ask === 'run' && request.caller !== undefined
}
