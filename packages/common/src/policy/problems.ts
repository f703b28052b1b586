/**
 * The faults of a policy as the log tells them: each once, and when they are gone.
 * Floor 4.
 */
import { policyFaultsKeptMax } from './limits.js'
import type { Log } from '../log.js'
import { placeOfProblem } from './fault.js'
import type { PolicyProblem } from './fault.js'
import type { PolicyState } from './state.js'

/** The first problems, and behind them one that says how many more are known. */
export function boundProblems(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  const next = problems[policyFaultsKeptMax]
  if (next === undefined) return problems
  const fix = 'mend the others first'
  const message = `${problems.length - policyFaultsKeptMax} more faults from here on; ${fix}`
  return [...problems.slice(0, policyFaultsKeptMax), { ...next, message, fix }]
}

interface Told {
  readonly log: Log
  /** The problems that the log has told of before. */
  readonly known: readonly PolicyProblem[]
  readonly state: PolicyState
}

/** Tells of new problems, of what is in force meanwhile, and when there are none any more. */
export function tellProblems({ log, known, state }: Told): void {
  const { problems, ruleCount, loadedAt, deniesAll } = state
  for (const problem of problems) {
    if (known.some((other) => isSameProblem(other, problem))) continue
    log.error(`The policy has a fault at ${placeOfProblem(problem)}: ${problem.message}`, {
      path: problem.path,
    })
  }
  if (known.length > 0 && problems.length === 0)
    log.info('The policy is in force again', { rules: ruleCount })
  if (known.length === 0 && problems.length > 0)
    log.error(
      deniesAll
        ? 'Everything is denied until the policy is mended'
        : 'The last good policy stays in force until this is mended',
      { loadedAt },
    )
}

function isSameProblem(one: PolicyProblem, other: PolicyProblem): boolean {
  return (
    one.path === other.path &&
    one.line === other.line &&
    one.column === other.column &&
    one.message === other.message
  )
}
