/**
 * The dialects and exchanges that come with the program, by the names that a configuration gives them.
 * Floor 7. Each is loaded when it is mounted, and costs nothing until then.
 */
import type { Channel } from '../../channel/channel.js'
import type { Clock } from '../../clock.js'
import type { Dialect, LineHabits } from '../../dialects/dialect.js'
import type { MountableExchange } from '../../dialects/exchange.js'
import type { EarlyLine } from '../../dialects/lines/lines-exchange.js'
import type { Log } from '../../log.js'
import type { Side } from '../paths.js'
import type { MountSettings } from './mount-settings.js'

/** What a dialect is opened with. */
export interface DialectSurroundings {
  /** `options` of its table in the configuration; it checks them itself. */
  readonly options: Readonly<Record<string, unknown>>
  readonly side: Side
  /** On a host: whose exchange it is. */
  readonly guest?: string | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Opens a dialect for one exchange. @throws {UsageError} for options that it does not take */
export type OpenDialect = (surroundings: DialectSurroundings) => Dialect

/** All of them; a new one is one more line. Each is loaded once for each mount, and may keep there what outlives an exchange. */
export const dialectKinds: ReadonlyMap<string, () => Promise<OpenDialect>> = new Map([
  [
    'appmonitor',
    async () => (await import('../../dialects/appmonitor/appmonitor-dialect.js')).openAppmonitorDialect,
  ],
  ['openstack', async () => (await import('./openstack-mount.js')).openConfiguredOpenStack],
  ['ovirt', async () => (await import('../../dialects/ovirt/ovirt-dialect.js')).keepOvirtDialect()],
])

/** What an exchange is opened with. */
export interface ExchangeSurroundings {
  readonly settings: MountSettings
  /** How the dialect wants its lines. */
  readonly lines: LineHabits
  /** The channel that the settings name, once somebody is at its other end. */
  readonly openChannel: (signal: AbortSignal) => Promise<Channel>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** A kind of exchange. */
export interface ExchangeKind {
  /** The settings of which one tells where it leads. */
  readonly places: Readonly<Record<Side, readonly ('channel' | 'path')[]>>
  /** Loads it, once for each mount, so what it opens may keep something from one exchange to the next. */
  readonly load: (clock: Clock) => Promise<OpenExchange>
}

/** Opens an exchange, once there is a way for it. */
export type OpenExchange = (surroundings: ExchangeSurroundings) => Promise<MountableExchange>

/** All of them; a new one is one more entry. */
export const exchangeKinds: ReadonlyMap<string, ExchangeKind> = new Map<string, ExchangeKind>([
  [
    'lines',
    {
      places: { guest: ['channel', 'path'], host: ['path'] },
      load: async (clock) => {
        const { EarlyLetters } = await import('../../dialects/early-letters.js')
        const { LinesExchange } = await import('../../dialects/lines/lines-exchange.js')
        const letters = new EarlyLetters<EarlyLine>(clock)
        return async ({ settings, lines, openChannel, signal }) => {
          // A port tells late who is there; on a socket nothing comes before its sender.
          const early = settings.channel === undefined ? undefined : letters
          const channel = await openChannel(signal)
          return new LinesExchange({ channel, lineEnd: lines.end, atOnceMax: lines.atOnceMax, early })
        }
      },
    },
  ],
  [
    'xenstore',
    {
      // A host has a client of its own: `negotiator-host openstack`.
      places: { guest: ['path'], host: [] },
      load: async () => {
        const { XenStoreClient } = await import('../../dialects/xenstore/client.js')
        const { XenStoreExchange } = await import('../../dialects/xenstore/xenstore-exchange.js')
        return async ({ openChannel, clock, log, signal }) => {
          const store = new XenStoreClient({ channel: await openChannel(signal), clock })
          return new XenStoreExchange({ store, clock, log })
        }
      },
    },
  ],
])
