/**
 * How often a guest tells its oVirt host what.
 * Floor 6.
 */
import {
  ovirtChangesMs,
  ovirtCpusMs,
  ovirtDisksMs,
  ovirtHeartbeatMs,
  ovirtInventoryMs,
  ovirtUserMs,
} from './ovirt-limits.js'

/** In milliseconds. */
export interface Periods {
  readonly heartbeatMs: number
  /** Who is logged in, when it has changed. */
  readonly userMs: number
  readonly cpusMs: number
  /** Names, addresses, packages, containers, system and time zone. */
  readonly inventoryMs: number
  readonly disksMs: number
  /** In between, it is looked for changes so often. */
  readonly changesMs: number
}

/** As oVirt's own agent has them; that one did not look for changes. */
export const usualPeriods: Periods = {
  heartbeatMs: ovirtHeartbeatMs,
  userMs: ovirtUserMs,
  cpusMs: ovirtCpusMs,
  inventoryMs: ovirtInventoryMs,
  disksMs: ovirtDisksMs,
  changesMs: ovirtChangesMs,
}
