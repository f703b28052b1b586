/**
 * Why a peer cannot be called now, and what to do about it.
 * Floor 7. Pure.
 */
import type { PeerState } from '../call/peer.js'
import { UsageError } from '../errors.js'

/** What is in the way, by state; it goes on behind "Cannot call ...: ". */
export const notReady: Readonly<Record<PeerState, string>> = {
  connecting: 'its channel is not connected; is it running, and are its channels configured?',
  silent: "its channel is there, but no daemon answers in it; is the other side's daemon running?",
  refused: 'the two sides speak no common protocol version; upgrade the older one',
  ready: 'it was ready only a moment ago',
  classic: 'it is a python-negotiator, which can only run commands',
  off: 'its machine is switched off',
  paused: 'its machine is paused',
  'no-channels': 'its machine runs without our channels; `negotiator-host attach` adds them',
}

/** The peer cannot be called in this state. @param butAlso what else there is to say */
export function cannotCall(name: string, state: PeerState, butAlso?: string): UsageError {
  const reasons = [notReady[state], ...(butAlso === undefined ? [] : [butAlso])]
  return new UsageError(`Cannot call "${name}": ${reasons.join('; ')}`, { code: 'not-ready' })
}

/** A guest's call would pass for the host's own there. */
export function cannotRelay(name: string): UsageError {
  return new UsageError(
    `Cannot pass a guest's call on to "${name}": its daemon is too old to be told who calls; upgrade it`,
    { code: 'cannot-relay' },
  )
}
