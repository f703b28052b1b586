/**
 * What `virsh list` prints: uuids, and names behind them.
 * Pure. What is no uuid is passed over, for virsh warns on the same lines.
 */
import { parseUuid } from '@negotiator/common'

/** The domains of `list --uuid --name`. A name is the rest of its line; libvirt has no names of several lines. */
export function namesByUuid(listing: string): Map<string, string> {
  const pairs = listing.split('\n').flatMap((line) => {
    const uuid = parseUuid(line.slice(0, 36))
    const name = line.slice(37)
    return uuid === undefined || name === '' ? [] : [[uuid, name] as const]
  })
  return new Map(pairs)
}

/** The domains of `list --uuid`. */
export function uuidsIn(listing: string): ReadonlySet<string> {
  return new Set(listing.split('\n').flatMap((line) => parseUuid(line) ?? []))
}
