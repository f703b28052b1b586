/**
 * One managed guest, its definition just read, with all that acting on it needs.
 * Types alone.
 */
import type { Clock, Log, RunPhase } from '@negotiator/common'
import type { Machines } from '../../drivers/machines.js'
import type { GuestDefinition } from '../definition.js'
import type { InGuest } from './in-guest.js'

/** What every guest shares. */
export interface LifeTools {
  readonly inGuest: Pick<InGuest, 'run' | 'whenCallable'>
  readonly runPhase: RunPhase
  readonly clock: Clock
  readonly log: Log
}

/** A guest, and what acts on it. */
export interface GuestAtHand extends LifeTools {
  readonly definition: GuestDefinition
  readonly machines: Machines
}
