/**
 * A kind of driver: its names, what it finds, what it owns, and whether it runs machines. A driver of somebody else's is a module
 * that exports the same.
 */
import type { Clock, Log } from '@negotiator/common'
import type { Driver } from './driver.js'
import type { Machines } from './machines.js'
import type { Piece } from './piece.js'

/** What a driver can do. */
export type Capability = 'discover' | 'verbs' | 'machines'

/** What a configuration asks for. */
export interface DriverSpec {
  /** As it is written, e.g. `folder:/run/guests`. */
  readonly name: string
  /** What stands behind the colon. */
  readonly detail?: string | undefined
}

/** What a managed guest is called now; `undefined` when none has that uuid. */
export type ManagedName = (uuid: string) => Promise<string | undefined>

/** What discovery needs. */
export interface DiscoveryNeeds extends DriverSpec {
  readonly clock: Clock
  readonly log: Log
  /** The file that libvirt's hook touches. */
  readonly pokeFile?: string | undefined
  /** For machines that were started under a name that their guests no longer have. */
  readonly managedName?: ManagedName | undefined
  /** libvirt is asked, too. */
  readonly isLibvirtAsked?: boolean
  /** A hypervisor that is not installed has no guests, and is no problem. */
  readonly isOptional?: boolean
}

/** Where a driver's pieces lie. */
export interface DriverPlaces extends DriverSpec {
  /** `/`, or the folder that stands for it. */
  readonly root: string
  /** Where the daemon's control socket lies, below the root already. */
  readonly runFolder: string
  /** What outlives a reboot, below the root already. */
  readonly stateFolder: string
}

/** What running machines needs. */
export interface MachineNeeds extends DriverPlaces {
  readonly clock: Clock
  readonly log: Log
}

/** A kind of driver. */
export interface DriverKind {
  /** What it is called in the configuration, before any colon. */
  readonly name: string
  /** How it is written there. */
  readonly forms: readonly string[]
  /** What it finds, as the end of a sentence. */
  readonly summary: string
  /** @throws {UsageError} when something is missing behind the colon, or wrong */
  readonly check?: (spec: DriverSpec) => void
  readonly discover: (needs: DiscoveryNeeds) => Driver
  readonly owns: (places: DriverPlaces) => readonly Piece[]
  readonly machines?: ((needs: MachineNeeds) => Machines) | undefined
}

/** What a kind declares that it can do. */
export function capabilitiesOf({ machines }: DriverKind): readonly Capability[] {
  return machines === undefined ? ['discover', 'verbs'] : ['discover', 'verbs', 'machines']
}
