/**
 * One dialect on one exchange, opened again whenever its way is lost.
 * Floor 7. What came in one exchange is answered in no other; commands that it began go on.
 */
import type { IncomingCall } from '../../call/call.js'
import type { Channel } from '../../channel/channel.js'
import type { Clock } from '../../clock.js'
import type { AskableAgent, Dialect, LineHabits } from '../../dialects/dialect.js'
import type { MountableExchange } from '../../dialects/exchange.js'
import { LegacyServer } from '../../dialects/legacy-server.js'
import { UsageError } from '../../errors.js'
import { legacyOutputBytesMax } from '../../dialects/dialect-limits.js'
import type { Log } from '../../log.js'
import { limitLog } from '../../log-limit.js'
import type { Side } from '../paths.js'
import { keepConnected } from '../reconnect.js'
import { dialectKinds } from './built-in.js'
import type { OpenDialect, OpenExchange } from './built-in.js'
import { loadDialect } from './dialect-module.js'
import { exchangeKindOf } from './exchange-kind.js'
import type { MountSettings } from './mount-settings.js'

/** What a mount stands on. */
export interface MountGround {
  readonly side: Side
  /** On a host: the guest that it leads to. */
  readonly guest?: string | undefined
  readonly clock: Clock
  readonly log: Log
  /** Serves a call as that of the peer behind the exchange. */
  readonly serve: (call: IncomingCall) => void
  /** The channel that the settings name, once somebody is at its other end. */
  readonly openChannel: (settings: MountSettings, signal: AbortSignal) => Promise<Channel>
}

/** What `status` tells of a mount. */
export interface MountStatus {
  readonly dialect: string
  readonly exchange: string
  /** The channel or the socket. */
  readonly place: string
  /** `waiting`: nobody is at the other end, or the reason is `problem`. */
  readonly state: 'waiting' | 'connected'
  readonly callsUnderWay: number
  /** Why it was not connected the last time that it was tried. */
  readonly problem?: string | undefined
  /** What the dialect itself tells, the last time that it was connected or now. */
  readonly details?: unknown
}

const plainLines: LineHabits = { end: '\n', atOnceMax: 1 }

interface Opened {
  readonly dialect: Dialect
  readonly exchange: MountableExchange
}

/** A mounted dialect. */
export class Mount {
  readonly #settings: MountSettings
  readonly #ground: MountGround
  readonly #stop = new AbortController()
  readonly #kept: Promise<void>
  /** Those of former exchanges are here as long as they have calls. */
  readonly #servers = new Set<LegacyServer>()
  /** Once they are loaded; what they keep from one exchange to the next is this mount's own. */
  #openDialect: OpenDialect | undefined
  #openExchange: OpenExchange | undefined
  #dialect: Dialect | undefined
  #isConnected = false
  #problem: string | undefined

  /** Begins to connect. */
  constructor(settings: MountSettings, ground: MountGround) {
    this.#settings = settings
    this.#ground = { ...ground, log: limitLog(ground.log, ground.clock) }
    this.#kept = keepConnected({
      connect: async (signal) => await this.#connect(signal),
      use: async (opened: Opened) => await this.#use(opened),
      onFailure: (reason) => (this.#problem = reason),
      clock: ground.clock,
      log: this.#ground.log,
      signal: this.#stop.signal,
    })
  }

  get status(): MountStatus {
    const { dialect, exchange, channel, path } = this.#settings
    return {
      dialect,
      exchange,
      place: channel ?? path ?? '',
      state: this.#isConnected ? 'connected' : 'waiting',
      callsUnderWay: [...this.#servers].reduce((sum, { callCount }) => sum + callCount, 0),
      problem: this.#problem,
      details: this.#dialect?.status?.(),
    }
  }

  /** The agent at the other end, once it was connected, where the dialect can ask it for something. */
  get agent(): AskableAgent | undefined {
    return this.#dialect?.agent
  }

  /** Gives the way back, and ends the calls that came by it. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const server of this.#servers) server.close()
    await this.#kept
  }

  async #connect(signal: AbortSignal): Promise<Opened> {
    const { side, guest, clock, log, openChannel } = this.#ground
    const settings = this.#settings
    this.#openDialect ??= await loadKind(settings.dialect)
    const dialect = this.#openDialect({ options: settings.options ?? {}, side, guest, clock, log })
    this.#openExchange ??= await loadExchange(settings, clock)
    const exchange = await this.#openExchange({
      settings,
      lines: dialect.lines ?? plainLines,
      openChannel: async () => await openChannel(settings, signal),
      clock,
      log,
      signal,
    })
    return { dialect, exchange }
  }

  async #use({ dialect, exchange }: Opened): Promise<void> {
    const { serve, log } = this.#ground
    const leave = (): void => {
      dialect.farewell?.()
      exchange.close()
    }
    this.#dialect = dialect
    this.#stop.signal.addEventListener('abort', leave)
    try {
      const server = new LegacyServer({ exchange, dialect, serve, outputBytesMax: legacyOutputBytesMax, log })
      for (const former of this.#servers) if (former.callCount === 0) this.#servers.delete(former)
      this.#servers.add(server)
      this.#isConnected = true
      this.#problem = undefined
      if (this.#stop.signal.aborted) leave()
      const cause = await exchange.ended
      if (cause !== undefined) throw cause
    } finally {
      this.#isConnected = false
      this.#stop.signal.removeEventListener('abort', leave)
      exchange.close()
      dialect.close?.()
    }
  }
}

async function loadKind(dialect: string): Promise<OpenDialect> {
  return await (dialectKinds.get(dialect)?.() ?? loadDialect(dialect))
}

async function loadExchange({ exchange }: MountSettings, clock: Clock): Promise<OpenExchange> {
  const kind = exchangeKindOf(exchange)
  if (kind !== undefined) return await kind.load(clock)
  throw new UsageError(`Cannot mount a dialect: there is no exchange "${exchange}"`, { code: 'bad-config' })
}
