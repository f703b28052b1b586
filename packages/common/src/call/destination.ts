/**
 * Where a call is meant to run, and the way there.
 * Floor 5. Only what is allowed is looked for, so a caller learns nothing of guests that it may not call.
 */
import type { Caller, Target } from '../policy/caller.js'
import type { Redirect } from '../policy/redirect.js'
import type { Result } from '../wire/result.js'
import { findPeer } from './find-peer.js'
import { noSuchGuest } from './refusals.js'
import type { Directory, Peer } from './peer.js'

/** What a guest's daemon calls its one peer. */
const hostName = 'host'

/** The way of an allowed call. */
export type Way =
  | { readonly kind: 'here' }
  /** `beyond` is the guest that a host shall pass the call on to. */
  | { readonly kind: 'peer'; readonly peer: Peer; readonly beyond?: string | undefined }
  | { readonly kind: 'nowhere'; readonly result: Result }

/** What a daemon knows of ways. */
export interface Map {
  readonly side: 'host' | 'guest'
  readonly directory: Directory
}

/** The target of a peer's call, or of a local program's. */
export function targetOf(
  { side, directory }: Map,
  { caller, wanted }: { caller: Caller; wanted: string | undefined },
): Target {
  if (wanted === undefined)
    return caller.kind === 'program' && side === 'guest' ? { kind: 'host' } : { kind: 'self' }
  if (isHere(wanted, side)) return { kind: 'self' }
  if (side === 'guest' && (wanted === hostName || wanted === '@host')) return { kind: 'host' }
  return guestNamed(directory, wanted)
}

/** The way to a target, or to where the rule that allowed the call sends it. */
export function wayTo(
  map: Map,
  {
    caller,
    target,
    redirect,
  }: { readonly caller: Caller; readonly target: Target; readonly redirect: Redirect | undefined },
): Way {
  const way = wayToEnd(map, redirect ?? redirectTo(target))
  // Who else is there, and how they are called, is nothing that a guest is told.
  return way.kind === 'nowhere' && caller.kind === 'guest' ? { kind: 'nowhere', result: noSuchGuest() } : way
}

function wayToEnd(map: Map, end: Redirect): Way {
  switch (end.kind) {
    case 'self':
      return { kind: 'here' }
    case 'host':
      return map.side === 'host' ? { kind: 'here' } : wayToPeer(map, hostName)
    case 'guest-name':
      return wayToGuest(map, end.name)
    case 'guest-uuid':
      return wayToGuest(map, `uuid:${end.uuid}`)
  }
}

function redirectTo(target: Target): Redirect {
  if (target.kind !== 'guest') return target
  const { name, uuid } = target
  return uuid === undefined ? { kind: 'guest-name', name } : { kind: 'guest-uuid', uuid }
}

/** A guest reaches another through its host. */
function wayToGuest(map: Map, guest: string): Way {
  return map.side === 'host' ? wayToPeer(map, guest) : wayToPeer(map, hostName, guest)
}

function wayToPeer({ directory }: Map, name: string, beyond?: string): Way {
  const peer = findPeer(directory, name)
  return 'kind' in peer ? { kind: 'nowhere', result: peer } : { kind: 'peer', peer, beyond }
}

/** Keywords, so that no guest can be called so. */
function isHere(name: string, side: Map['side']): boolean {
  return name === '@self' || (side === 'host' && name === '@host')
}

function guestNamed(directory: Directory, wanted: string): Target {
  const peer = findPeer(directory, wanted)
  return 'kind' in peer
    ? { kind: 'guest', name: wanted }
    : { kind: 'guest', name: peer.name, uuid: peer.uuid }
}

/** Whether a guest means itself. */
export function isSameGuest(caller: Caller, target: Target): boolean {
  if (caller.kind !== 'guest' || target.kind !== 'guest') return false
  return caller.uuid === undefined ? caller.name === target.name : caller.uuid === target.uuid
}
