/**
 * The facts at the moment of a scrape, each found out once.
 * Floor 8.
 */
import { statusOf } from '../control/peer-status.js'
import type { MetricsFacts, NamedPeer, Snapshot } from './metric.js'

export function snapshotOf({ agent, ...facts }: MetricsFacts): Snapshot {
  return { ...facts, tally: agent.tally, peers: namedPeers(agent) }
}

/** Two guests of one name are told apart by their uuids, for two lines of one name would spoil the whole answer. */
function namedPeers(agent: MetricsFacts['agent']): readonly NamedPeer[] {
  const peers = agent.peers()
  const countOf = new Map<string, number>()
  for (const { name } of peers) countOf.set(name, (countOf.get(name) ?? 0) + 1)
  return peers.map((peer, index) => {
    const isTwin = (countOf.get(peer.name) ?? 0) > 1
    const name = isTwin ? `${peer.name} (${peer.uuid ?? index + 1})` : peer.name
    const { facts } = peer
    return { name, peer, facts, status: statusOf(peer, facts) }
  })
}
