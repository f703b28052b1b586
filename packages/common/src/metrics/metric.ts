/**
 * What a metric is here: its name, and how its values are read out of the daemon's facts when somebody asks.
 * Floor 8. It counts nothing itself, so that nothing is counted twice.
 */
import type { Agent } from '../agent/agent.js'
import type { AuditState } from '../agent/audit-log.js'
import type { Side } from '../agent/paths.js'
import type { CallTally } from '../call/call-tally.js'
import type { Peer, PeerFacts } from '../call/peer.js'
import type { PeerStatus } from '../control/peer-status.js'
import type { PolicyState } from '../policy/state.js'

/** A driver as `status` tells of it. */
interface DriverFacts {
  readonly name: string
  readonly guests: number
  readonly problem?: string | undefined
}

/** Where the values come from. */
export interface MetricsFacts {
  readonly side: Side
  readonly agent: Pick<Agent, 'peers' | 'tally'>
  readonly policy: () => PolicyState
  readonly audit: () => AuditState
  /** On a host. */
  readonly drivers?: (() => readonly DriverFacts[]) | undefined
}

/** A peer under a name that no other has. */
export interface NamedPeer {
  readonly name: string
  readonly peer: Peer
  /** Found out once for all metrics. */
  readonly status: PeerStatus
  readonly facts: PeerFacts
}

/** All facts at one moment. */
export interface Snapshot extends Omit<MetricsFacts, 'agent'> {
  readonly tally: CallTally
  readonly peers: readonly NamedPeer[]
}

/** One line of the answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Behind the metric's name: `_sum`, `_count` or `_bucket`. */
  readonly suffix?: string
}

/** One metric. */
export interface MetricDescription {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'summary' | 'histogram'
  /** The names of its labels. */
  readonly labels: readonly string[]
  readonly read: (snapshot: Snapshot) => readonly Sample[]
}
