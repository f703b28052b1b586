/**
 * A peer as JSON, for programs and for the CLI's tables.
 * Floor 7.
 */
import { isCallable } from '../call/peer.js'
import type { LastError, Peer, PeerFacts, PeerState } from '../call/peer.js'
import type { Counters } from '../session/counters.js'
import type { Role } from '../wire/frame.js'

/** A peer's state, or what keeps it from being called all the same. */
export type PeerCondition = PeerState | 'busy' | 'denied'

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
export interface PeerStatus extends PeerSummary, Pick<PeerFacts, 'epochs' | 'queue'> {
  /** Its state; or `busy`, where it can be called and takes no more at this moment; or `denied`, where our policy forbids all. */
  readonly condition: PeerCondition
  readonly callsUnderWay: number
  /** Since the daemon's start, both ways. */
  readonly callsInAll: number
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Of the last trips; `null` before the first. */
  readonly roundTripMs: { readonly p50: number | null; readonly p99: number | null }
  /** `null`: nothing went wrong since the daemon's start. */
  readonly lastError: LastError | null
  readonly commandCount: number | undefined
  /** By our role on the channel. */
  readonly counters: Readonly<Record<Role, Counters>>
}

export function peerSummary({ name, uuid, state, remote }: Peer): PeerSummary {
  const agent = state === 'classic' ? 'python-negotiator' : remote?.agent
  return { name, uuid, state, agent, machine: remote?.name, bootId: remote?.bootId }
}

export function peerStatus(peer: Peer): PeerStatus {
  return statusOf(peer, peer.facts)
}

/** The same, for who has the facts already. */
export function statusOf(peer: Peer, facts: PeerFacts): PeerStatus {
  const { callCount, commands, counters } = peer
  const { epochs, queue, roundTrip, lastError = null, callTotal } = facts
  const { caller, server } = counters
  return {
    ...peerSummary(peer),
    condition: conditionOf(peer.state, facts),
    epochs,
    callsUnderWay: callCount,
    callsInAll: callTotal,
    commandCount: commands?.length,
    bytesReceived: caller.bytesReceived + server.bytesReceived,
    bytesSent: caller.bytesSent + server.bytesSent,
    queue,
    roundTripMs: { p50: roundTrip.p50Ms ?? null, p99: roundTrip.p99Ms ?? null },
    lastError,
    counters,
  }
}

function conditionOf(state: PeerState, { isBusy, isDenied }: PeerFacts): PeerCondition {
  if (!isCallable(state)) return state
  if (isDenied) return 'denied'
  return isBusy ? 'busy' : state
}
