/**
 * A peer as those who call it see it; what stands behind it is a link on a higher floor.
 * Floor 5.
 */
import type { Counters } from '../session/counters.js'
import type { RoundTripSummary } from '../session/round-trips.js'
import type { Role } from '../wire/frame.js'
import type { Hello } from '../wire/hello.js'
import type { Request } from '../wire/request.js'
import type { CatalogueEntry } from './catalogue.js'
import type { OutgoingCall } from './call.js'

/**
 * `connecting`: no channel is attached · `silent`: a channel, but nobody answers in it · `refused`: no common version ·
 * `ready`: calls go through · `classic`: they do, and the peer is a python-negotiator.
 */
export type PeerState = 'connecting' | 'silent' | 'refused' | 'ready' | 'classic' | Obstacle

/** What a hypervisor says keeps its guest from being called; `no-channels`: it runs, and has none of ours. */
export type Obstacle = 'off' | 'paused' | 'no-channels'

/** Whether a peer in this state can be called. */
export function isCallable(state: PeerState): boolean {
  return state === 'ready' || state === 'classic'
}

/** Somebody who can be called. */
export interface Peer {
  readonly name: string
  readonly uuid: string | undefined
  readonly state: PeerState
  /** What its daemon said of itself, once it has. */
  readonly remote: Hello | undefined
  /** Its commands, once told. */
  readonly commands: readonly CatalogueEntry[] | undefined
  /** The dialect by which its other agent is asked while our own daemon is not there; absent: our own protocol. */
  readonly via?: string | undefined
  /** Calls of commands under way, both ways. */
  readonly callCount: number
  readonly counters: Readonly<Record<Role, Counters>>
  /** What `status` tells beyond that; it costs something to find out. */
  readonly facts: PeerFacts
  /** @throws {UsageError} when it cannot be called now */
  open(request: Request): OutgoingCall
  /** Asks for its commands anew where they are not told by themselves. */
  refreshCommands(): Promise<void>
  /** One round trip in milliseconds; `undefined` when there is no answer. */
  ping(): Promise<number | undefined>
}

/** How it goes with a peer at this moment. */
export interface PeerFacts {
  /** The peer's epoch in the session on each channel, by our role there. */
  readonly epochs: Readonly<Partial<Record<Role, string>>>
  /** Calls of commands since the daemon's start, both ways. */
  readonly callTotal: number
  readonly queue: {
    /** That wait here to be sent. */
    readonly bytes: number
    /** In line: its own for their turn here, ours for its sign of life. */
    readonly calls: number
  }
  /** Whether the next call is answered `busy` for their number, or its channel takes nothing. */
  readonly isBusy: boolean
  /** Whether our policy lets it call nothing and be called by nobody. */
  readonly isDenied: boolean
  readonly roundTrip: RoundTripSummary
  readonly lastError: LastError | undefined
}

/** What went wrong last with a peer. */
export interface LastError {
  readonly reason: string
  readonly agoMs: number
}

/** All peers of a daemon. */
export interface Directory {
  peers(): readonly Peer[]
  /** Calls `subscriber` when a peer comes, goes or changes, until the returned function is called. */
  subscribe(subscriber: () => void): () => void
}
