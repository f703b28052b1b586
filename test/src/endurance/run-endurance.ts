/**
 * `pnpm soak --calls N` and the short test: calls without number between two daemons that must hold no more afterwards than when
 * they were warm.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { Random } from '../soak/random.js'
import { callBothWays } from './callers.js'
import type { Tally } from './callers.js'
import { footprintOf } from './footprint.js'
import type { Footprint } from './footprint.js'
import { footprintText, growthFaults } from './growth.js'
import { withPair } from './pair.js'
import type { End } from './pair.js'

/** How many, and how they are told. */
export interface EnduranceOptions {
  readonly seed: number
  readonly callCount: number
  /** They are made in so many parts, and both daemons looked at after each; the first warms them up. Ten unless told. */
  readonly partCount?: number
  /** How much each daemon may grow; as `growthMibMax` unless told. */
  readonly mibMax?: number | undefined
  readonly say: (line: string) => void
}

/** What came of it. */
export interface EnduranceReport {
  /** What is wrong; nothing, if all is well. */
  readonly faults: readonly string[]
  /** How many calls of each kind there were, for people. */
  readonly countsText: string
  readonly seconds: number
}

/** What calls have left for later is over by then: a daemon that has come to rest collects its garbage, and gives it back. */
const settleMs = 6000
const faultsShownMax = 20

/** Calls. */
export async function runEndurance(options: EnduranceOptions): Promise<EnduranceReport> {
  return await withPair(async (ends) => {
    const startedMs = performance.now()
    const tally: Tally = { counts: new Map(), wrong: [] }
    const looks = await lookBetweenParts(ends, { ...options, tally })
    const [warm, last] = [looks[0], looks.at(-1)]
    const grown = ends.flatMap(({ side }, place) =>
      growthOf([warm?.[place], last?.[place]], options.mibMax).map((fault) => `${side}: ${fault}`),
    )
    return {
      faults: [...grown, ...tally.wrong.slice(0, faultsShownMax)],
      countsText: [...tally.counts]
        .map(([kind, count]) => `${kind} ${count}`)
        .toSorted()
        .join(', '),
      seconds: (performance.now() - startedMs) / 1000,
    }
  })
}

function growthOf(
  [warm, last]: readonly [Footprint | undefined, Footprint | undefined],
  mibMax: number | undefined,
): readonly string[] {
  return warm === undefined || last === undefined ? ['nobody looked at it'] : growthFaults(warm, last, mibMax)
}

/** @returns the footprints of the ends after each part, while nobody calls */
async function lookBetweenParts(
  ends: readonly End[],
  { seed, callCount, partCount = 10, say, tally }: EnduranceOptions & { readonly tally: Tally },
): Promise<readonly (readonly Footprint[])[]> {
  const random = new Random(seed)
  const looks: (readonly Footprint[])[] = []
  for (let part = 1; part <= partCount; part += 1) {
    await callBothWays(ends, { count: Math.ceil(callCount / partCount), random, tally })
    await pass(settleMs)
    const look = await Promise.all(ends.map(async ({ daemon }) => await footprintOf(daemon)))
    looks.push(look)
    for (const [place, { side }] of ends.entries()) {
      const footprint = look[place]
      if (footprint !== undefined)
        say(`${Math.round((100 * part) / partCount)} % ${side.padEnd(5)} ${footprintText(footprint)}`)
    }
  }
  return looks
}
