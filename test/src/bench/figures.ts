/**
 * What the bench measures, by name; each round gives one number for each.
 */

/** Milliseconds unless the name says otherwise. */
export interface RoundFigures {
  readonly rawEchoP50: number
  readonly rawEchoP95: number
  readonly rawEchoP99: number
  readonly rawEchoMibS: number
  readonly rawSourceMibS: number
  readonly rawSinkMibS: number
  readonly rawSpawnP50: number
  readonly rawSpawnP95: number
  /** Between the two daemons, as the host's tells it. */
  readonly pingP50: number
  readonly pingP95: number
  readonly pingP99: number
  /** Between a program on the host and the guest's daemon. */
  readonly clientPingP50: number
  readonly clientPingP95: number
  readonly clientPingP99: number
  /** The whole process `negotiator-host ping`. */
  readonly cliPingP50: number
  readonly runP50: number
  readonly runP95: number
  readonly cliRunP50: number
  /** Output and input of a command in the guest, first by the C program. */
  readonly rawOutputMibS: number
  readonly rawInputMibS: number
  readonly outputMibS: number
  readonly inputMibS: number
  /** Pings of a program beside such output and input. */
  readonly besideOutputP50: number
  readonly besideOutputP95: number
  readonly besideInputP50: number
  readonly besideInputP95: number
  readonly nodeStartP50: number
  readonly programStartP50: number
}

/** What is measured once: it is about the whole of a bench, or takes too long to do again. */
export interface OnceFigures {
  readonly fewCallsMs: number
  readonly fewCallsAnswered: number
  readonly manyCallsMs: number
  readonly manyCallsAnswered: number
  readonly guestIdleMib: number
  readonly guestAfterMib: number
  readonly hostIdleMib: number
  readonly hostAfterMib: number
  /** How often the daemon's main thread went to sleep again in a second without calls. */
  readonly guestWakeUpsPerS: number
  readonly hostWakeUpsPerS: number
}

/** All figures of a round. */
export type Figures = RoundFigures & OnceFigures

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
  /** Calls at once. */
  readonly fewCalls: number
  readonly manyCalls: number
  readonly idleSeconds: number
}

const mebibyte = 1024 * 1024

/** Both sides' programs compile themselves while they run, which an emulated guest is slow at: some thousand calls long. */
export const warmUpSizes: Sizes = {
  tripBatches: 1,
  tripsPerBatch: 4000,
  runBatches: 1,
  runsPerBatch: 20,
  cliRuns: 1,
  bulkBytes: 32 * mebibyte,
  programStarts: 1,
  fewCalls: 0,
  manyCalls: 0,
  idleSeconds: 0,
}

/** For figures to be believed. */
export const fullSizes: Sizes = {
  tripBatches: 10,
  tripsPerBatch: 100,
  runBatches: 5,
  runsPerBatch: 6,
  cliRuns: 10,
  bulkBytes: 64 * mebibyte,
  programStarts: 20,
  fewCalls: 200,
  manyCalls: 1000,
  idleSeconds: 20,
}

/** To see that the bench still works. */
export const quickSizes: Sizes = {
  tripBatches: 2,
  tripsPerBatch: 25,
  runBatches: 1,
  runsPerBatch: 3,
  cliRuns: 1,
  bulkBytes: 4 * mebibyte,
  programStarts: 2,
  fewCalls: 10,
  manyCalls: 25,
  idleSeconds: 1,
}
