/**
 * A link's ends towards a python-negotiator peer, on the same channels as our own protocol.
 * Floor 7. The endpoints hand over what is not of our protocol; here it becomes calls, both ways.
 */
import type { IncomingCall, OutgoingCall } from '../call/call.js'
import type { CatalogueEntry } from '../call/catalogue.js'
import type { Line } from '../call/turns.js'
import type { Clock } from '../clock.js'
import { ClassicCaller } from '../dialects/classic/classic-caller.js'
import { classicDialect } from '../dialects/classic/classic-dialect.js'
import { ClassicExchange } from '../dialects/classic/classic-exchange.js'
import { LegacyServer } from '../dialects/legacy-server.js'
import { NegotiatorError } from '../errors.js'
import { classicOutputBytesMax } from '../dialects/dialect-limits.js'
import type { Log } from '../log.js'
import type { Endpoint } from '../session/endpoint.js'
import type { Role } from '../wire/frame.js'
import type { RunRequest } from '../wire/request.js'

interface ClassicEndsOptions {
  /** The peer's name as our side knows it. */
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  readonly serve: (call: IncomingCall) => void
  /** The endpoint in a role, while there is a channel for it. */
  readonly endpoint: (role: Role) => Endpoint | undefined
  /** Its commands are known, or no longer. */
  readonly onCommands: (commands: readonly CatalogueEntry[] | undefined) => void
  readonly onChange: () => void
}

/** Both ends of one link. */
export class ClassicEnds {
  readonly #options: ClassicEndsOptions
  readonly #caller: ClassicCaller
  readonly #exchange: ClassicExchange
  readonly #server: LegacyServer

  constructor(options: ClassicEndsOptions) {
    const { name, clock, log, serve, endpoint } = options
    this.#options = options
    this.#caller = new ClassicCaller({
      peer: name,
      clock,
      log,
      send: (bytes) => void endpoint('caller')?.writeForeign(bytes),
      knock: () => endpoint('caller')?.knock(),
      onChange: () => this.#callerChanged(),
    })
    this.#exchange = new ClassicExchange({
      clock,
      send: (bytes) => endpoint('server')?.writeForeign(bytes) === true,
      // Whoever had the session on this channel is there no more.
      onRequest: () => endpoint('server')?.replace(),
    })
    this.#server = new LegacyServer({
      exchange: this.#exchange,
      dialect: classicDialect,
      serve,
      outputBytesMax: classicOutputBytesMax,
    })
  }

  /** Whether the peer that we call is a python-negotiator. */
  get isThere(): boolean {
    return this.#caller.isThere
  }

  /** Calls under way, both ways. */
  get callCount(): number {
    return this.#caller.callCount + this.#server.callCount
  }

  /** Our calls that wait until the peer has answered the one before. */
  get line(): Line {
    return this.#caller.line
  }

  /** Takes bytes that came on the channel of `role` and are not of our own protocol. */
  push(role: Role, bytes: Buffer): void {
    if (role === 'server') this.#exchange.take(bytes)
    else if (this.#options.endpoint('caller')?.session === undefined) this.#caller.push(bytes)
  }

  /** @throws {UsageError} `too-many-calls` */
  open(request: RunRequest): OutgoingCall {
    return this.#caller.open(request)
  }

  async ping(): Promise<number | undefined> {
    return await this.#caller.ping()
  }

  /** Asks for the commands anew; the old protocol does not tell of changes. */
  async refreshCommands(): Promise<void> {
    const { log, name, onCommands } = this.#options
    try {
      const names = await this.#caller.commands()
      onCommands(names.map((command) => ({ name: command, kind: 'executable' })))
    } catch (error) {
      if (!(error instanceof NegotiatorError)) throw error
      log.warn('The commands of a python-negotiator are not known', { peer: name, reason: error.message })
      onCommands(undefined)
    }
  }

  /** The peer is one of ours now. */
  replaced(): void {
    this.#caller.close('the other side was upgraded a moment ago; call again')
  }

  /** There is a channel for `role`; told before anything of it is pushed. */
  plugged(role: Role): void {
    if (role === 'server') this.#exchange.plugged()
  }

  /** What was written to the channel of `role` has left us. */
  drained(role: Role): void {
    if (role === 'server') this.#exchange.drained()
  }

  /** The channel of `role` is over. */
  unplugged(role: Role): void {
    if (role === 'caller') this.#caller.close('its channel was closed')
    else this.#exchange.unplugged()
  }

  /** The link is over. */
  close(): void {
    this.#caller.close('the daemon is stopping')
    this.#server.close()
  }

  #callerChanged(): void {
    const { log, name, endpoint, onCommands } = this.#options
    if (this.#caller.isThere) {
      log.info('Ready', { peer: name, agent: 'python-negotiator' })
      endpoint('caller')?.rest()
      void this.refreshCommands()
    } else {
      endpoint('caller')?.wake()
      onCommands(undefined)
    }
    this.#options.onChange()
  }
}
