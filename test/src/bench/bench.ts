/**
 * `pnpm bench`: everything from one machine in one run, ours and the floor by turns.
 */
import { benchRows } from './bench-rows.js'
import { measuredRow } from './row.js'
import type { MeasuredRow } from './row.js'
import { fullSizes, quickSizes, warmUpSizes } from './figures.js'
import type { Figures, OnceFigures, RoundFigures, Sizes } from './figures.js'
import { measureBulk } from './measure-bulk.js'
import { measureFleets, measureIdle, measureMemory, measureStarts } from './measure-cost.js'
import { measureFlights } from './measure-flights.js'
import { measureRuns } from './measure-runs.js'
import { measureTrips } from './measure-trips.js'
import { onStage } from './stage.js'
import type { Stage } from './stage.js'

/** How the bench is run. */
export interface BenchOptions {
  readonly roundCount: number
  /** Small sizes: to see that it works, not for figures. */
  readonly isQuick: boolean
  /** Is told what goes on, a line at a time. */
  readonly say: (line: string) => void
}

/** What the bench gives. */
export interface BenchResult {
  readonly rows: readonly MeasuredRow[]
  readonly rounds: readonly Figures[]
  readonly sizes: Sizes
  /** What the floor is made of. */
  readonly rawRemark: string
}

/** Runs the bench. @throws Error when a call does not give what it should */
export async function runBench({ roundCount, isQuick, say }: BenchOptions): Promise<BenchResult> {
  const sizes = isQuick ? quickSizes : fullSizes
  say('Booting a machine ...')
  return await onStage(say, async (stage) => {
    const idle = await measureMemory(stage)
    if (!isQuick) {
      say('Warming up ...')
      await measureRound(stage, warmUpSizes)
    }
    const rounds = await measureAll(stage, { roundCount, sizes, idle, say })
    const rows = benchRows(sizes).map((row) => measuredRow(row, rounds))
    return { rows, rounds, sizes, rawRemark: stage.rawRemark }
  })
}

interface MeasureOptions {
  readonly roundCount: number
  readonly sizes: Sizes
  /** MiB of each daemon before anything was called. */
  readonly idle: { readonly guest: number; readonly host: number }
  readonly say: (line: string) => void
}

async function measureAll(
  stage: Stage,
  { roundCount, sizes, idle, say }: MeasureOptions,
): Promise<readonly Figures[]> {
  const rounds: RoundFigures[] = []
  for (let round = 1; round <= roundCount; round += 1) {
    say(`Round ${round} of ${roundCount} ...`)
    rounds.push(await measureRound(stage, sizes))
  }
  const after = await measureMemory(stage)
  say('No calls at all ...')
  const idleRates = await measureIdle(stage, sizes)
  say('Many guests ...')
  const fleets = await measureFleets(sizes)
  const memory = {
    ...{ guestIdleMib: idle.guest, guestAfterMib: after.guest },
    ...{ hostIdleMib: idle.host, hostAfterMib: after.host },
  }
  const once: OnceFigures = { ...idleRates, ...fleets, ...memory }
  return rounds.map((round) => ({ ...round, ...once }))
}

async function measureRound(stage: Stage, sizes: Sizes): Promise<RoundFigures> {
  const trips = await measureTrips(stage, sizes)
  const runs = await measureRuns(stage, sizes)
  const bulk = await measureBulk(stage, sizes)
  const flights = await measureFlights(stage, sizes)
  const starts = await measureStarts(stage, sizes)
  return { ...trips, ...runs, ...bulk, ...flights, ...starts }
}
