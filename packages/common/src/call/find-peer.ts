/**
 * Finds the peer that somebody means: by uuid, or by a name that only one has.
 * Floor 5.
 */
import { escapeControl } from '../log.js'
import { didYouMean } from '../nearest.js'
import type { Result } from '../wire/result.js'
import type { Directory, Peer } from './peer.js'

/** @returns the peer, or the result that says why there is none */
export function findPeer(directory: Directory, wanted: string): Peer | Result {
  const peers = directory.peers()
  const uuid = wanted.replace(/^uuid:/, '').toLowerCase()
  const [known, ...others] = peers.filter((peer) => peer.uuid === uuid)
  const named = peers.filter(({ name }) => name === wanted)
  const found = known !== undefined && others.length === 0 ? [known] : named
  const [peer] = found
  if (peer === undefined) {
    const hint = didYouMean(
      wanted,
      peers.map(({ name }) => name),
    )
    return { kind: 'unreachable', reason: `there is no "${escapeControl(wanted.slice(0, 255))}" here${hint}` }
  }
  if (found.length === 1) return peer
  const uuids = named.map((twin) => twin.uuid ?? 'one without a uuid').join(', ')
  return {
    kind: 'unreachable',
    reason: `${named.length} guests are called "${escapeControl(wanted)}"; name the one that you mean by its uuid: ${uuids}`,
  }
}
