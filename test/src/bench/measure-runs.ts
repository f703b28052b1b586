/**
 * Runs of a two-line script: by the guest's own C program, by qemu-ga, through the library, and by the command line; and
 * calls of a module, which need no process.
 */
import type { Client, Outcome } from '@negotiator/host'
import type { RoundFigures, Sizes } from './figures.js'
import { timesOf } from './times-of.js'
import { guestName, guestPath, twoLines } from './stage.js'
import type { Stage } from './stage.js'
import { spreadOf } from './statistics.js'
import type { Spread } from './statistics.js'

type RunFigures = Spread<'rawSpawn' | 'qemuGaExec' | 'run' | 'cliRun' | 'module'>

/** Measures one run after the other. */
export async function measureRuns(
  { raw, qemuGa, client, host }: Stage,
  sizes: Sizes,
): Promise<Pick<RoundFigures, keyof RunFigures>> {
  const spawns: number[] = []
  const execs: number[] = []
  const runs: number[] = []
  const modules: number[] = []
  const path = guestPath(twoLines)
  for (let batch = 0; batch < sizes.runBatches; batch += 1) {
    spawns.push(...(await raw.spawn(path, sizes.runsPerBatch)))
    execs.push(...(await qemuGa.runs(sizes.runsPerBatch, { path, output: scriptOutput('') })))
    runs.push(
      ...(await timesOf(sizes.runsPerBatch, async () => await answered(runScript(client, ''), 'the script'))),
    )
    modules.push(
      ...(await timesOf(
        sizes.runsPerBatch,
        async () => await answered(callModule(client, 'one'), 'the module'),
      )),
    )
  }
  const cliRuns = await timesOf(
    sizes.cliRuns,
    async () => (await host.cli(['run', guestName, twoLines.name])).status,
  )
  return {
    ...spreadOf('rawSpawn', spawns),
    ...spreadOf('qemuGaExec', execs),
    ...spreadOf('run', runs),
    ...spreadOf('module', modules),
    ...spreadOf('cliRun', cliRuns),
  }
}

/** Runs the script. @returns whether it has run, and the answer is the one to this call */
export async function runScript(client: Client, argument: string): Promise<boolean> {
  const outcome = await client.run({ target: guestName, command: twoLines.name, args: [argument] })
  return isAnswer(outcome, scriptOutput(argument))
}

/** Calls the module that comes with the guest's program, likewise. */
export async function callModule(client: Client, argument: string): Promise<boolean> {
  const outcome = await client.run({ target: guestName, command: 'echo-fast', args: [argument] })
  return isAnswer(outcome, `${argument}\n`)
}

function scriptOutput(argument: string): string {
  return `one ${argument}\ntwo\n`
}

function isAnswer(outcome: Outcome, output: string): boolean {
  return outcome.kind === 'exited' && outcome.code === 0 && outcome.stdout.toString() === output
}

async function answered(work: Promise<boolean>, what: string): Promise<number> {
  if (await work) return 0
  throw new Error(`Cannot measure ${what}: a call of it was not answered as it should be`)
}
