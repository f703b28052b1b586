/**
 * What one caller may have of this side: how often, how many at once, and whom that counts.
 * Floor 5. Pure. A guest's host and local programs are trusted not to flood; a host's guests are not.
 */
import { callsPerCallerMax, callsPerGuestMax, guestCallsMax, guestCallsPeriodMs } from '../limits.js'
import type { Caller } from '../policy/caller.js'
import type { Rate } from '../policy/rule.js'

type Side = 'host' | 'guest'

/** How many calls of a caller are served in which time; `undefined`: as many as come. */
export function rateOf(caller: Caller, side: Side): Rate | undefined {
  if (!isGuestOfHost(caller, side)) return undefined
  return { count: guestCallsMax, periodMs: guestCallsPeriodMs }
}

/** How many commands a caller may have running here at once. */
export function callsMaxOf(caller: Caller, side: Side): number {
  return isGuestOfHost(caller, side) ? callsPerGuestMax : callsPerCallerMax
}

/** Whom the limits of a caller count. */
export function keyOf(caller: Caller): string {
  switch (caller.kind) {
    case 'host':
      return 'host'
    case 'guest':
      return `guest ${caller.uuid ?? caller.name}`
    case 'program':
      return `user ${caller.user?.userId ?? '?'}`
  }
}

function isGuestOfHost(caller: Caller, side: Side): boolean {
  return side === 'host' && caller.kind === 'guest'
}
