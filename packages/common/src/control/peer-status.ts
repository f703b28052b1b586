/**
 * A peer as JSON, for programs and for the CLI's tables.
 * Floor 7.
 */
import type { Peer, PeerState } from '../call/peer.js'
import type { Counters } from '../session/counters.js'
import type { Role } from '../wire/frame.js'

/** What `peers` tells of each peer; it changes only when the peer does. */
export interface PeerSummary {
  readonly name: string
  readonly uuid?: string | undefined
  readonly state: PeerState
  /** Its daemon's version, once known; `python-negotiator` for one of those. */
  readonly agent?: string | undefined
  /** Its machine's name in its own words: never to be trusted. */
  readonly machine?: string | undefined
  readonly bootId?: string | undefined
}

/** What `status` tells of each peer. */
export interface PeerStatus extends PeerSummary {
  readonly callsUnderWay: number
  readonly commandCount: number | undefined
  /** By our role on the channel. */
  readonly counters: Readonly<Record<Role, Counters>>
}

export function peerSummary({ name, uuid, state, remote }: Peer): PeerSummary {
  const agent = state === 'classic' ? 'python-negotiator' : remote?.agent
  return { name, uuid, state, agent, machine: remote?.name, bootId: remote?.bootId }
}

export function peerStatus(peer: Peer): PeerStatus {
  const { callCount, commands, counters } = peer
  return { ...peerSummary(peer), callsUnderWay: callCount, commandCount: commands?.length, counters }
}
