/**
 * From what can be seen of a guest to the phases of its life.
 * Pure. Each `ready` is followed by one `lost`, each `started` by one `stopped`, whatever was missed in between.
 */
import type { PeerState, PhaseName } from '@negotiator/common'

/** What is known of a guest's life. */
export interface GuestLifeState {
  readonly isOn: boolean
  readonly isPaused: boolean
  readonly isConnected: boolean
  readonly isReady: boolean
}

/** A guest of which nothing is known yet. */
export const unborn: GuestLifeState = { isOn: false, isPaused: false, isConnected: false, isReady: false }

/** What comes of seeing a guest in a state; `gone`: no driver finds it any more. */
export function livePhases(
  before: GuestLifeState,
  seen: PeerState | 'gone',
): { readonly after: GuestLifeState; readonly phases: readonly PhaseName[] } {
  const after = lifeAfter(before, seen)
  const turns: readonly (readonly [PhaseName, boolean])[] = [
    ['started', !before.isOn && after.isOn],
    ['resumed', before.isPaused && !after.isPaused && after.isOn],
    ['lost', before.isReady && !after.isReady],
    ['connected', !before.isConnected && after.isConnected],
    ['ready', !before.isReady && after.isReady],
    ['paused', !before.isPaused && after.isPaused],
    ['stopped', before.isOn && !after.isOn],
  ]
  return { after, phases: turns.flatMap(([phase, isNow]) => (isNow ? [phase] : [])) }
}

function lifeAfter(before: GuestLifeState, seen: PeerState | 'gone'): GuestLifeState {
  switch (seen) {
    case 'off':
    case 'gone':
      return unborn
    case 'paused':
      // Its link is as it was, and nobody can tell before the guest goes on.
      return { ...before, isOn: true, isPaused: true }
    case 'connecting':
    case 'no-channels':
      return { isOn: true, isPaused: false, isConnected: false, isReady: false }
    case 'silent':
    case 'refused':
      return { isOn: true, isPaused: false, isConnected: true, isReady: false }
    case 'ready':
    case 'classic':
      return { isOn: true, isPaused: false, isConnected: true, isReady: true }
  }
}
