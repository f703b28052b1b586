/**
 * All of the daemon's guests: those that drivers find, each with its link, and those that are managed, each with its machine.
 */
import { openHooks } from '@negotiator/common'
import type { Agent, Clock, Config, FindKoffi, IncomingCall, Log, MachineNeeds } from '@negotiator/common'
import type { Driver } from '../drivers/driver.js'
import { openManaged } from '../managed/life/open-managed.js'
import { GuestKeeper } from './guest-keeper.js'
import { GuestLife } from './guest-life.js'

/** What guests are opened with. */
export interface OpenGuestsOptions {
  readonly config: Config
  /** The folder that stands for `/`. */
  readonly root: string
  readonly agent: Agent
  readonly drivers: readonly Driver[]
  readonly clock: Clock
  readonly log: Log
  readonly findKoffi?: FindKoffi | undefined
}

/** The guests of a daemon. */
export interface OpenedGuests {
  /** Looks for them, and starts those that shall be. */
  readonly start: () => Promise<void>
  /** Serves a local program that wants something of a managed one. */
  readonly serveMachine: (stream: IncomingCall, needs: MachineNeeds) => void
  readonly drivers: GuestKeeper['driverStatus']
  readonly status: () => Readonly<Record<string, unknown>>
  /** Deals with those that go down with the daemon; they are asked through their links. */
  readonly takeDown: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens them; nothing is done before `start`. */
export async function openGuests(options: OpenGuestsOptions): Promise<OpenedGuests> {
  const { config, agent, log } = options
  const hooks = await openHooks({ side: 'host', ...options })
  const { runPhase } = hooks
  const life = new GuestLife({ runPhase, log })
  const keeper = new GuestKeeper({ ...options, dialects: config.dialects, life })
  const managed = await openManaged({ ...options, directory: agent, runPhase })
  return {
    start: async () => {
      await keeper.start()
      life.settle()
      await managed.start()
    },
    serveMachine: managed.serve,
    drivers: () => keeper.driverStatus(),
    status: () => ({
      drivers: keeper.driverStatus(),
      dialects: keeper.dialectStatus(),
      managed: managed.status(),
      hooks: { ...hooks.status, ...life.status },
    }),
    takeDown: async () => await managed.close(),
    close: async () => {
      await life.close()
      await keeper.close()
    },
  }
}
