/**
 * How a hook ended, and how a phase did: one result for each hook, whatever happens.
 * Floor 5. Pure.
 */
import type { Phase, PhaseName } from './phase.js'

/** What a phase is about; hooks read it as JSON. */
export interface Subject {
  /** Whose life it is; absent for what concerns the daemon alone. */
  readonly guest?: { readonly name: string; readonly uuid?: string | undefined } | undefined
  /** What else a hook may want to know; anything that JSON can say. */
  readonly [key: string]: unknown
}

/**
 * `done`: exit status 0 · `skipped`: it has nothing to do here, as it says itself by its exit status or its settings say · `failed`:
 * any other ending · `timed-out` · `refused`: it may not be run, and why is told · `not-run`: what it requires has not been done, a hook
 * before it has vetoed, or the phase was broken off.
 */
export type HookOutcome = 'done' | 'skipped' | 'failed' | 'timed-out' | 'refused' | 'not-run'

/** One hook's result. */
export interface HookResult {
  /** As the file is called: `20-network`. */
  readonly hook: string
  readonly outcome: HookOutcome
  /** Absent for `done`. */
  readonly reason?: string
  readonly durationMs: number
  /** The end of what it printed, both outputs in the order in which it came. */
  readonly output: string
  /** Whether it said no. */
  readonly isVeto: boolean
}

/** How a phase went. */
export interface PhaseRun {
  /** Names this run; each hook is told. */
  readonly run: string
  readonly phase: PhaseName
  readonly mode: Phase['mode']
  /** In the order in which the hooks were to run. */
  readonly results: readonly HookResult[]
  /** The hook that said no to what was about to happen. */
  readonly vetoedBy?: string
  readonly isVetoed: boolean
}

/** What is wanted of a run. */
export interface PhaseRequest {
  readonly phase: PhaseName
  readonly subject?: Subject
  /** Breaks the phase off: what runs is stopped, the rest is not run. */
  readonly signal?: AbortSignal
  /** Asks somebody else before all hooks, such as the guest that it is about; a no is a hook's. */
  readonly askFirst?: ((signal: AbortSignal) => Promise<HookResult>) | undefined
  /** Hears of each result, in the order in which the hooks were to run. */
  readonly onResult?: (result: HookResult) => void
}

/** Runs the hooks of a phase: never rejects for what a hook does. Whoever is about to do something looks at `isVetoed`. */
export type RunPhase = (request: PhaseRequest) => Promise<PhaseRun>

/** Whether nothing went wrong. */
export function isGood({ results, isVetoed }: Pick<PhaseRun, 'results' | 'isVetoed'>): boolean {
  return !isVetoed && results.every(({ outcome }) => outcome === 'done' || outcome === 'skipped')
}
