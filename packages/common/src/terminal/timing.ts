/**
 * `run --timing`: where the time of a call went, as a table.
 * Floor 8. Each daemon measures its own stages by its own clock; what is left between two of them is the way.
 */
import type { StageTimings } from '../wire/timings.js'
import { table } from './print.js'

/** What is known of a call's time. */
export interface CallTimes {
  /** From the wish to call until the daemon had answered. */
  readonly connectMs: number
  /** From the call until its result and all of its output were there. */
  readonly callMs: number
  /** As the result has them: this machine's daemon first. */
  readonly timings: readonly StageTimings[] | undefined
}

type Row = readonly [stage: string, durationMs: number]

/** The table, in milliseconds. The stages together are the whole. */
export function timingTable({ connectMs, callMs, timings = [] }: CallTimes): string {
  const [first] = timings
  const rows: readonly Row[] = [
    ['connect to the daemon', connectMs],
    ...timings.flatMap((stages, index) => rowsOf(stages, timings[index + 1])),
    first === undefined
      ? ['the call; the daemon tells no stages' as const, callMs]
      : answerRow(callMs, first),
    ['all', connectMs + callMs],
  ]
  const cells = rows.map(([stage, durationMs]) => [stage, durationMs.toFixed(2).padStart(durationWidth)])
  return table([['STAGE', 'MS'.padStart(durationWidth)], ...cells])
}

const durationWidth = 10

function rowsOf(stages: StageTimings, next: StageTimings | undefined): readonly Row[] {
  const { side, waitMs, decideMs, startMs, runMs } = stages
  const before: readonly Row[] = [
    [`${side}: wait in line`, waitMs],
    [`${side}: decide`, decideMs],
  ]
  if (next !== undefined) return [...before, [`${side} to ${next.side} and back`, left(runMs, next)]]
  if (startMs > 0) return [...before, [`${side}: start`, startMs], [`${side}: run`, runMs]]
  return runMs > 0 ? [...before, ['the other side, which tells no stages', runMs]] : before
}

function answerRow(callMs: number, first: StageTimings): Row {
  return ['request and answer between program and daemon', left(callMs, first)]
}

/** What is left of a time; two clocks may differ by a little. */
function left(durationMs: number, { waitMs, decideMs, startMs, runMs }: StageTimings): number {
  return Math.max(0, durationMs - waitMs - decideMs - startMs - runMs)
}
