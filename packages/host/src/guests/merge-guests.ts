/**
 * One guest for each that several drivers may have found, or one driver twice.
 * Pure. A guest is known by its uuid, or by its name and its sockets where it has none.
 */
import { channelNames } from '@negotiator/common'
import type { FoundGuest } from '../drivers/driver.js'

/** Guests by what they are known by. */
export interface MergedGuests<Guest extends FoundGuest> {
  readonly guests: ReadonlyMap<string, Guest>
  /** Two machines that run and have one uuid, of which one is left out. */
  readonly twins: readonly { readonly uuid: string; readonly name: string }[]
}

/**
 * Merges.
 * @param found in the order of the drivers: what two of them find is the first one's
 * @param kept the guests that are being kept: one of them stays when another guest claims its uuid
 */
export function mergeGuests<Guest extends FoundGuest>(
  found: readonly Guest[],
  kept: ReadonlyMap<string, FoundGuest>,
): MergedGuests<Guest> {
  const byKey = groupByKey(found)
  const guests = new Map([...byKey].map(([key, claims]) => [key, choose(claims, kept.get(key))]))
  const twins = [...guests].flatMap(([uuid, { sockets }]) =>
    (byKey.get(uuid) ?? [])
      .filter((other) => isReachable(other) && !isAt(other.sockets, sockets))
      .map(({ name }) => ({ uuid, name })),
  )
  return { guests, twins }
}

/** Whether two findings are one guest, reached the same way. */
export function isSameGuest(one: FoundGuest, other: FoundGuest): boolean {
  return one.name === other.name && isAt(one.sockets, other.sockets)
}

/** A driver may know of a machine and not where its sockets are, as of one that is off or that another program started. */
function choose<Guest extends FoundGuest>(claims: readonly Guest[], kept: FoundGuest | undefined): Guest {
  const reachable = claims.filter(isReachable)
  const stays = reachable.find((guest) => kept !== undefined && isSameGuest(guest, kept))
  const [first] = claims
  const chosen = stays ?? reachable[0] ?? first
  if (chosen === undefined) throw new RangeError('Cannot choose among no guests')
  return { ...chosen, state: chosen.state ?? stateIn(claims, chosen) }
}

/** What another driver says of the same machine. */
function stateIn(claims: readonly FoundGuest[], { sockets }: FoundGuest): FoundGuest['state'] {
  return claims.find((other) => other.state !== undefined && isAt(other.sockets, sockets))?.state
}

function groupByKey<Guest extends FoundGuest>(
  found: readonly Guest[],
): ReadonlyMap<string, readonly Guest[]> {
  const byKey = new Map<string, Guest[]>()
  for (const guest of found) {
    const claims = byKey.get(keyOf(guest)) ?? []
    byKey.set(keyOf(guest), [...claims, guest])
  }
  return byKey
}

function keyOf({ uuid, name, sockets }: FoundGuest): string {
  return uuid ?? JSON.stringify([name, sockets])
}

function isReachable({ sockets }: FoundGuest): boolean {
  return Object.keys(sockets).length > 0
}

function isAt(one: FoundGuest['sockets'], other: FoundGuest['sockets']): boolean {
  return channelNames.every((name) => one[name] === other[name])
}
