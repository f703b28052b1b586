/**
 * The metrics of each peer. Its label is the name that this side has for it; nothing that it says of itself becomes one.
 * Floor 8.
 */
import { isCallable } from '../call/peer.js'
import type { Counters } from '../session/counters.js'
import type { MetricDescription, NamedPeer, Sample, Snapshot } from './metric.js'

type MetricText = Pick<MetricDescription, 'name' | 'help' | 'type'>

/** A metric with one value for each peer. */
function ofPeer(text: MetricText, value: (peer: NamedPeer) => number): MetricDescription {
  const read = ({ peers }: Snapshot): readonly Sample[] =>
    peers.map((peer) => ({ labels: { peer: peer.name }, value: value(peer) }))
  return { ...text, labels: ['peer'], read }
}

/** A counter of both channels, together. */
function counted(key: keyof Counters): (peer: NamedPeer) => number {
  return ({ peer: { counters } }) => counters.caller[key] + counters.server[key]
}

const condition: MetricDescription = {
  name: 'negotiator_peer_condition',
  help: 'The condition of each peer, as a label; the value is always 1.',
  type: 'gauge',
  labels: ['peer', 'condition'],
  read: ({ peers }) =>
    peers.map(({ name, status }) => ({ labels: { peer: name, condition: status.condition }, value: 1 })),
}

const bytes: MetricDescription = {
  name: 'negotiator_bytes_total',
  help: 'Bytes on the channels of each peer.',
  type: 'counter',
  labels: ['peer', 'direction'],
  read: ({ peers }) =>
    peers.flatMap(({ name, status }) => [
      { labels: { peer: name, direction: 'received' }, value: status.bytesReceived },
      { labels: { peer: name, direction: 'sent' }, value: status.bytesSent },
    ]),
}

const sessions: MetricDescription = {
  name: 'negotiator_sessions_total',
  help: 'Sessions that began with each peer, by our role in them.',
  type: 'counter',
  labels: ['peer', 'role'],
  read: ({ peers }) =>
    peers.flatMap(({ name, peer }) =>
      (['caller', 'server'] as const).map((role) => ({
        labels: { peer: name, role },
        value: peer.counters[role].sessions,
      })),
    ),
}

const roundTrips: MetricDescription = {
  name: 'negotiator_round_trip_seconds',
  help: 'Round trips to each peer: quantiles of the last 128, sum and count of all.',
  type: 'summary',
  labels: ['peer', 'quantile'],
  read: ({ peers }) => peers.flatMap(tripsOf),
}

function tripsOf({ name, facts }: NamedPeer): readonly Sample[] {
  const { p50Ms, p99Ms, count, sumMs } = facts.roundTrip
  const quantiles = [
    { quantile: '0.5', ms: p50Ms },
    { quantile: '0.99', ms: p99Ms },
  ]
  return [
    ...quantiles.flatMap(({ quantile, ms }) =>
      ms === undefined ? [] : [{ labels: { peer: name, quantile }, value: ms / 1000 }],
    ),
    { labels: { peer: name }, suffix: '_sum', value: sumMs / 1000 },
    { labels: { peer: name }, suffix: '_count', value: count },
  ]
}

/** All of them. */
export const peerMetrics: readonly MetricDescription[] = [
  ofPeer(
    { name: 'negotiator_peer_up', help: '1 when a peer can be called, else 0.', type: 'gauge' },
    ({ status }) => Number(isCallable(status.state)),
  ),
  condition,
  ofPeer(
    {
      name: 'negotiator_peer_calls_total',
      help: 'Calls of commands to and from each peer that began.',
      type: 'counter',
    },
    ({ facts }) => facts.callTotal,
  ),
  ofPeer(
    {
      name: 'negotiator_peer_calls_under_way',
      help: 'Calls of commands to and from each peer under way.',
      type: 'gauge',
    },
    ({ status }) => status.callsUnderWay,
  ),
  ofPeer(
    { name: 'negotiator_peer_queue_bytes', help: 'Bytes that wait to be sent to each peer.', type: 'gauge' },
    ({ facts }) => facts.queue.bytes,
  ),
  ofPeer(
    {
      name: 'negotiator_peer_queue_calls',
      help: 'Calls in line: of each peer for their turn, to it until it is heard.',
      type: 'gauge',
    },
    ({ facts }) => facts.queue.calls,
  ),
  bytes,
  sessions,
  ofPeer(
    {
      name: 'negotiator_silences_total',
      help: 'Sessions that ended because nothing was heard of a peer.',
      type: 'counter',
    },
    counted('silences'),
  ),
  ofPeer(
    {
      name: 'negotiator_protocol_errors_total',
      help: 'Sessions that ended because a peer broke the protocol.',
      type: 'counter',
    },
    counted('protocolErrors'),
  ),
  ofPeer(
    {
      name: 'negotiator_garbage_bytes_total',
      help: 'Bytes of a peer that belonged to no frame; those of a python-negotiator are among them.',
      type: 'counter',
    },
    counted('garbageBytes'),
  ),
  roundTrips,
]
