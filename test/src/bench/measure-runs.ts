/**
 * Runs of a two-line script: by the guest's own C program, through the library, and by the command line; and many at once.
 */
import type { Client, Outcome } from '@negotiator/host'
import type { OnceFigures, RoundFigures, Sizes } from './figures.js'
import { timesOf } from './measure-trips.js'
import { guestName, guestPath, twoLines } from './stage.js'
import type { Stage } from './stage.js'
import { percentile } from './statistics.js'

type RunFigures = Pick<RoundFigures, 'rawSpawnP50' | 'rawSpawnP95' | 'runP50' | 'runP95' | 'cliRunP50'>
type CallFigures = Pick<OnceFigures, 'fewCallsMs' | 'fewCallsAnswered' | 'manyCallsMs' | 'manyCallsAnswered'>

/** Measures one run after the other. */
export async function measureRuns({ raw, client, host }: Stage, sizes: Sizes): Promise<RunFigures> {
  const spawns: number[] = []
  const runs: number[] = []
  for (let batch = 0; batch < sizes.runBatches; batch += 1) {
    spawns.push(...(await raw.spawn(guestPath(twoLines), sizes.runsPerBatch)))
    runs.push(
      ...(await timesOf(sizes.runsPerBatch, async () => (isRight(await runScript(client, '')) ? 0 : 1))),
    )
  }
  const cliRuns = await timesOf(
    sizes.cliRuns,
    async () => (await host.cli(['run', guestName, twoLines.name])).status,
  )
  return {
    rawSpawnP50: percentile(spawns, 0.5),
    rawSpawnP95: percentile(spawns, 0.95),
    runP50: percentile(runs, 0.5),
    runP95: percentile(runs, 0.95),
    cliRunP50: percentile(cliRuns, 0.5),
  }
}

/** Measures many runs that are all asked for in one turn of the event loop. */
export async function measureCalls({ client }: Stage, sizes: Sizes): Promise<CallFigures> {
  const few = await runAtOnce(client, sizes.fewCalls)
  const many = await runAtOnce(client, sizes.manyCalls)
  return {
    fewCallsMs: few.timeMs,
    fewCallsAnswered: few.answered,
    manyCallsMs: many.timeMs,
    manyCallsAnswered: many.answered,
  }
}

async function runAtOnce(client: Client, count: number): Promise<{ timeMs: number; answered: number }> {
  const startedMs = performance.now()
  const outcomes = await Promise.all(
    Array.from({ length: count }, async (_, index) => await runScript(client, `${index}`)),
  )
  const timeMs = performance.now() - startedMs
  return { timeMs, answered: outcomes.filter((outcome, index) => isRight(outcome, `${index}`)).length }
}

async function runScript(client: Client, argument: string): Promise<Outcome> {
  return await client.run({ target: guestName, command: twoLines.name, args: [argument] })
}

/** Whether the script has run, and the answer is the one to this call. */
function isRight(outcome: Outcome, argument = ''): boolean {
  return (
    outcome.kind === 'exited' && outcome.code === 0 && outcome.stdout.toString() === `one ${argument}\ntwo\n`
  )
}
