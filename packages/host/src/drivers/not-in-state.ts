/**
 * When a machine is not as a verb needs it: one sentence for all that run machines.
 * Pure.
 */
import { UsageError } from '@negotiator/common'

interface NotInState {
  /** As a person would say it, e.g. `shut down`. */
  readonly verb: string
  /** Its name, or its uuid where nobody knows more. */
  readonly machine: string
  readonly state: string
}

const codes: Readonly<Record<string, string>> = { start: 'machine-not-off', resume: 'machine-not-suspended' }

/** What to do before a start. */
const advices: Readonly<Record<string, string>> = {
  suspended: '; resume it, or kill it to throw its memory away',
  ended: ' and is kept, so that it can be told how; kill it first',
}

/** @returns what is thrown */
export function notInState({ verb, machine, state }: NotInState): UsageError {
  const advice = verb === 'start' ? (advices[state] ?? '') : ''
  const words = state === 'ended' ? 'has ended by itself' : `is ${state}`
  return new UsageError(`Cannot ${verb} the machine "${machine}": it ${words}${advice}`, {
    code: codes[verb] ?? 'machine-not-running',
  })
}
