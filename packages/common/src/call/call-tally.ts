/**
 * How many calls there were, how they ended and how long their stages took, for `status` and the metrics.
 * Floor 5. It never grows: no name that anybody chose is counted by.
 */
import type { Result } from '../wire/result.js'
import type { AuditRecord } from './audit.js'
import { TimeHistogram } from './time-histogram.js'
import type { Trace } from './traced-call.js'

type Direction = AuditRecord['direction']

/** The stages of a call, and all of it. */
export type TimedStage = 'wait' | 'decide' | 'start' | 'run' | 'all'

/** Calls that ended alike. */
export interface Tallied {
  readonly direction: Direction
  readonly result: Result['kind']
  readonly count: number
}

/** All calls of a daemon that are over. */
export class CallTally {
  readonly #counts: Readonly<Record<Direction, Map<Result['kind'], number>>> = {
    in: new Map(),
    out: new Map(),
    relay: new Map(),
  }

  /** How long they took; a stage that a call never came to is not counted. */
  readonly times: Readonly<Record<TimedStage, TimeHistogram>> = {
    wait: new TimeHistogram(),
    decide: new TimeHistogram(),
    start: new TimeHistogram(),
    run: new TimeHistogram(),
    all: new TimeHistogram(),
  }

  add(direction: Direction, { result, stages }: Trace): void {
    const counts = this.#counts[direction]
    counts.set(result.kind, (counts.get(result.kind) ?? 0) + 1)
    const { waitMs, decideMs, startMs, runMs } = stages
    this.#addTime('wait', waitMs)
    this.#addTime('decide', decideMs)
    this.#addTime('start', startMs)
    this.#addTime('run', runMs)
    this.times.all.add(waitMs + decideMs + startMs + runMs)
  }

  get tallied(): readonly Tallied[] {
    return (['in', 'out', 'relay'] as const).flatMap((direction) =>
      [...this.#counts[direction]].map(([result, count]) => ({ direction, result, count })),
    )
  }

  #addTime(stage: TimedStage, durationMs: number): void {
    if (durationMs > 0) this.times[stage].add(durationMs)
  }
}
