/**
 * Callers at both ends, each with one call at a time, and a new connection now and then, as programs come and go.
 */
import type { Client } from '@negotiator/host'
import type { Random } from '../soak/random.js'
import { makeCall, planCall } from './call-kinds.js'
import type { End } from './pair.js'

const callersEachEnd = 24
const callsEachConnection = 500

/** What came of calls so far. */
export interface Tally {
  readonly counts: Map<string, number>
  /** What ended as it should not. */
  readonly wrong: string[]
}

/** Makes so many calls from both ends, as fast as they go. @returns when all of them have ended */
export async function callBothWays(
  ends: readonly End[],
  { count, random, tally }: { readonly count: number; readonly random: Random; readonly tally: Tally },
): Promise<void> {
  let left = count
  // The guest is served more slowly by its host, which limits the calls of a guest in a time: the host's callers make the rest.
  const take = (): boolean => left-- > 0
  await Promise.all(
    ends.flatMap((end) =>
      Array.from({ length: callersEachEnd }, async () => await callWhile(end, { take, random, tally })),
    ),
  )
}

interface Share {
  /** Takes one call of those that are left. @returns whether there was one */
  readonly take: () => boolean
  readonly random: Random
  readonly tally: Tally
}

async function callWhile(end: End, { take, random, tally }: Share): Promise<void> {
  let client: Client | undefined
  for (let made = 0; take(); made += 1) {
    if (made % callsEachConnection === 0) {
      client?.close()
      client = undefined
    }
    client ??= await end.connect()
    const planned = planCall(random)
    const fault = await makeCall(client, { target: end.target, planned })
    const key = `${end.side}: ${planned.kind}`
    tally.counts.set(key, (tally.counts.get(key) ?? 0) + 1)
    if (fault !== undefined) tally.wrong.push(`${end.side}: ${fault}`)
  }
  client?.close()
}
