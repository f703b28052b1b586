/**
 * What is remembered of the runs of hooks, for `status`; what went wrong goes to the log, too.
 * Floor 5.
 */
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { HookOutcome, HookResult, PhaseRun, Subject } from './outcome.js'
import type { PhaseName } from './phase.js'

/** Troubles that are remembered; the oldest leave first. */
const troublesMax = 20

/** A hook that was neither done nor skipped. */
interface Trouble {
  readonly phase: PhaseName
  readonly hook: string
  readonly guest: string | undefined
  readonly outcome: HookOutcome
  readonly reason: string | undefined
  readonly agoMs: number
}

/** What `status` tells of hooks. */
export interface HooksStatus {
  /** Phases that were run and had hooks, since the daemon's start. */
  readonly phasesRun: number
  readonly vetoed: number
  readonly outcomes: Readonly<Record<HookOutcome, number>>
  /** Newest last. */
  readonly troubles: readonly Trouble[]
}

/** Counts, and keeps the last troubles. */
export class HookRecord {
  readonly #clock: Clock
  readonly #log: Log
  readonly #outcomes = { done: 0, skipped: 0, failed: 0, 'timed-out': 0, refused: 0, 'not-run': 0 }
  #troubles: readonly { readonly trouble: Omit<Trouble, 'agoMs'>; readonly atMs: number }[] = []
  #phasesRun = 0
  #vetoed = 0

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /** Takes note of a run. */
  add({ phase, results, vetoedBy }: PhaseRun, { guest }: Subject): void {
    if (results.length === 0) return
    this.#phasesRun += 1
    for (const result of results) this.#count(result, { phase, guest: guest?.name })
    if (vetoedBy === undefined) return
    this.#vetoed += 1
    this.#log.warn('A hook has said no', { phase, hook: vetoedBy, guest: guest?.name })
  }

  get status(): HooksStatus {
    const nowMs = this.#clock.now()
    return {
      phasesRun: this.#phasesRun,
      vetoed: this.#vetoed,
      outcomes: { ...this.#outcomes },
      troubles: this.#troubles.map(({ trouble, atMs }) => ({ ...trouble, agoMs: Math.round(nowMs - atMs) })),
    }
  }

  #count(
    { hook, outcome, reason }: HookResult,
    { phase, guest }: { readonly phase: PhaseName; readonly guest: string | undefined },
  ): void {
    this.#outcomes[outcome] += 1
    if (outcome === 'done' || outcome === 'skipped') return
    const trouble = { phase, hook, guest, outcome, reason }
    this.#troubles = [...this.#troubles, { trouble, atMs: this.#clock.now() }].slice(-troublesMax)
    this.#log.warn('A hook was not done', trouble)
  }
}
