/**
 * What the bench measures, by name; each round gives one number for each.
 */
import type { Spread } from './statistics.js'

/** How many there are of something at once: calls in flight, guests. */
export type Level = 'Alone' | 'Few' | 'Many' | 'Most'

/** From the fewest to the most. */
export const levels: readonly Level[] = ['Alone', 'Few', 'Many', 'Most']

/** What is called many times at once. */
export type Flown = 'modules' | 'scripts'

/** What is taken again and again, in milliseconds each. */
type Timed =
  /** Floor and rival. */
  | 'rawEcho'
  | 'rawSpawn'
  | 'qemuGaPing'
  | 'qemuGaExec'
  | 'nodeStart'
  /** Between the two daemons, as the host's tells it; then between a program on the host and the guest's daemon. */
  | 'ping'
  | 'clientPing'
  /** The whole process `negotiator-host ping`. */
  | 'cliPing'
  | 'run'
  | 'cliRun'
  | 'module'
  /** Pings of a program beside output and input of a command. */
  | 'besideOutput'
  | 'besideInput'
  | 'programStart'
  | `${Flown}${Level}`

/** Bulk: the floor's, with a command's output and input by the C program, and ours. */
type Flow = `raw${'Echo' | 'Source' | 'Sink' | 'Output' | 'Input'}` | 'output' | 'input'

/** What is measured in each round. */
export type RoundFigures = Spread<Timed> &
  Readonly<Record<`${Flow}MibS` | `${Flown}${Level}PerS` | 'callsAnswered', number>>

/** What a daemon does while nobody calls: with a peer, and without one. */
export type IdleFigures = Readonly<
  Record<`${'guest' | 'host'}${'' | 'Alone'}${'WakeUpsPerS' | 'CpuMsPerS'}`, number>
>

/** A host's daemon with so many guests: at rest, and under calls. */
export type FleetFigures = Readonly<
  Record<`fleet${Level}${'RestMib' | 'LoadMib' | 'RestCpuMsPerS' | 'LoadCpuMsPerS'}`, number>
>

/** What is measured once: it is about the whole of a bench, or takes too long to do again. */
export type OnceFigures = IdleFigures &
  FleetFigures &
  Readonly<Record<`${'guest' | 'host'}${'Idle' | 'After'}Mib`, number>>

/** All figures of a round. */
export type Figures = RoundFigures & OnceFigures

/** How many calls are in flight, and how many are made in all. */
export interface Flight {
  readonly inFlight: number
  readonly calls: Readonly<Record<Flown, number>>
}

/** How much is measured in a round. */
export interface Sizes {
  /** Round trips, in batches that take turns with those of the floor. */
  readonly tripBatches: number
  readonly tripsPerBatch: number
  /** Runs of a script, likewise. */
  readonly runBatches: number
  readonly runsPerBatch: number
  readonly cliRuns: number
  readonly bulkBytes: number
  readonly programStarts: number
  readonly flights: Readonly<Record<Level, Flight>>
  readonly fleets: Readonly<Record<Level, number>>
  /** How long a daemon is watched that has nothing to do, or a steady load. */
  readonly idleSeconds: number
}

const mebibyte = 1024 * 1024

/** For figures to be believed. */
export const fullSizes: Sizes = {
  tripBatches: 10,
  tripsPerBatch: 100,
  runBatches: 5,
  runsPerBatch: 6,
  cliRuns: 10,
  bulkBytes: 64 * mebibyte,
  programStarts: 20,
  flights: {
    Alone: { inFlight: 1, calls: { modules: 100, scripts: 20 } },
    Few: { inFlight: 10, calls: { modules: 200, scripts: 40 } },
    Many: { inFlight: 100, calls: { modules: 500, scripts: 200 } },
    Most: { inFlight: 1000, calls: { modules: 1000, scripts: 1000 } },
  },
  fleets: { Alone: 1, Few: 10, Many: 100, Most: 300 },
  idleSeconds: 20,
}

/** To see that the bench still works. */
export const quickSizes: Sizes = {
  tripBatches: 2,
  tripsPerBatch: 25,
  runBatches: 1,
  runsPerBatch: 3,
  cliRuns: 1,
  bulkBytes: 2 * mebibyte,
  programStarts: 2,
  flights: {
    Alone: { inFlight: 1, calls: { modules: 3, scripts: 1 } },
    Few: { inFlight: 2, calls: { modules: 6, scripts: 2 } },
    Many: { inFlight: 4, calls: { modules: 12, scripts: 4 } },
    Most: { inFlight: 20, calls: { modules: 20, scripts: 10 } },
  },
  fleets: { Alone: 1, Few: 2, Many: 5, Most: 20 },
  idleSeconds: 1,
}

/** Both sides' programs compile themselves while they run, which an emulated guest is slow at: some thousand calls long. */
export const warmUpSizes: Sizes = {
  ...quickSizes,
  tripBatches: 1,
  tripsPerBatch: 4000,
  runsPerBatch: 20,
  bulkBytes: 32 * mebibyte,
  programStarts: 1,
}

/** @returns the sum of a round's calls in flight */
export function flownCalls({ flights }: Sizes): number {
  return levels.reduce((sum, level) => sum + flights[level].calls.modules + flights[level].calls.scripts, 0)
}
