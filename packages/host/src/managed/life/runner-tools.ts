/**
 * What all managed guests share in the daemon.
 * Types alone.
 */
import type { Machines } from '../../drivers/machines.js'
import type { GuestStore } from '../store/guest-store.js'
import type { LifeTools } from './guest-at-hand.js'
import type { LifeRecords } from './life-record.js'

/** What guests are looked after with. */
export interface RunnerTools extends LifeTools {
  readonly store: GuestStore
  readonly records: LifeRecords
  /** @throws as `driverMachines` does */
  readonly machinesOf: (driver: string) => Promise<Machines>
  /** Whether guests of a driver's machines are found by this daemon, and so can be called. */
  readonly findsGuestsOf: (driver: string) => boolean
  /** Names this boot of the host. */
  readonly bootId: string
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
}
