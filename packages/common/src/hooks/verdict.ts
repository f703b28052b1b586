/**
 * Whether a hook is run when its turn has come, and whether how it ended is a no.
 * Floor 5. Pure. Doubt denies: whose word counts, and who could not be asked or did not answer, has said no.
 */
import { whyUnwanted } from './conditions.js'
import type { Circumstances } from './conditions.js'
import type { FoundHook } from './inspect-hook.js'
import type { HookOutcome, HookResult } from './outcome.js'

/** What a hook that is not run is told as. */
export type Verdict = Pick<HookResult, 'outcome' | 'reason'>

/** How far a phase has come. */
export interface Progress {
  readonly done: ReadonlyMap<string, HookResult>
  readonly vetoedBy: string | undefined
  readonly isBrokenOff: boolean
}

/** Why a hook is not run, whatever those before it do. */
export function whyNotEver(
  { refused, settings }: FoundHook,
  circumstances: Circumstances,
): Verdict | undefined {
  if (refused !== undefined) return { outcome: 'refused', reason: refused.reason }
  const unwanted = whyUnwanted(settings, circumstances)
  if (unwanted === undefined) return undefined
  return { outcome: unwanted.isFault ? 'refused' : 'skipped', reason: unwanted.reason }
}

/** Why a hook is not run after what has happened before it. */
export function whyNotNow(hook: FoundHook, { done, vetoedBy, isBrokenOff }: Progress): Verdict | undefined {
  if (vetoedBy !== undefined) return { outcome: 'not-run', reason: `"${vetoedBy}" has said no` }
  if (isBrokenOff) return { outcome: 'not-run', reason: 'the phase was broken off' }
  if (hook.refused !== undefined) return undefined
  const lacking = (hook.settings.requires ?? []).find((name) => !isMet(done.get(name)?.outcome))
  if (lacking === undefined) return undefined
  return { outcome: 'not-run', reason: `it requires "${lacking}", which was not done` }
}

/** Whether such an ending is a no. Settings have a veto only where something waits for the phase. */
export function isNo({ settings }: FoundHook, outcome: HookOutcome): boolean {
  return settings.isVeto === true && !isMet(outcome)
}

/** A hook that had nothing to do has done all of it. */
function isMet(outcome: HookOutcome | undefined): boolean {
  return outcome === 'done' || outcome === 'skipped'
}
