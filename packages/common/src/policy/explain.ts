/**
 * Why a call is decided as it is: each rule before the one that matched, and what in it did not match.
 * Floor 4. Pure. For an administrator; a caller is told no more than `decide()` says.
 */
import { escapeControl } from '../log.js'
import { matchesArguments, whyArgumentsDiffer } from './argument.js'
import { decide, endsOf } from './decide.js'
import type { Asked } from './decide.js'
import { describeEnd } from './end.js'
import type { PolicySide } from './end.js'
import { matchesGlob } from './glob.js'
import type { ParsedRule } from './parse-rule.js'
import type { Decision, Question, Rule } from './rule.js'
import { matchesEnd } from './terms.js'

/** A column that kept a rule from matching. */
export interface Mismatch {
  readonly column: 'command' | 'argument' | 'caller' | 'target'
  /** Such as `"web1" is not the guest "db1"`. */
  readonly reason: string
}

/** A rule that was asked and did not match. */
export interface PassedRule {
  readonly rule: Rule
  /** At least one, in the order of the columns. */
  readonly mismatches: readonly Mismatch[]
}

/** How a decision came about. */
export interface Explanation {
  readonly decision: Decision
  /** The rules before the one that decided, or all when none did. */
  readonly passed: readonly PassedRule[]
}

/** Explains the decision about one call. */
export function explain(rules: readonly ParsedRule[], question: Question, side: PolicySide): Explanation {
  const decision = decide(rules, question, side)
  const found = rules.findIndex(({ rule }) => rule === decision.rule)
  const before = found < 0 ? rules : rules.slice(0, found)
  const asked = { ...endsOf(question, side), command: question.command, args: question.args }
  return {
    decision,
    passed: before.map((rule) => ({ rule: rule.rule, mismatches: mismatchesOf(rule, asked) })),
  }
}

function mismatchesOf(
  { rule, command, argument, caller, target }: ParsedRule,
  asked: Asked & Pick<Question, 'args'>,
): readonly Mismatch[] {
  const mismatches: Mismatch[] = []
  if (!matchesGlob(command, asked.command))
    mismatches.push({
      column: 'command',
      reason: `"${rule.command}" is not the command "${escapeControl(asked.command)}"`,
    })
  if (!matchesArguments(argument, asked.args))
    mismatches.push({
      column: 'argument',
      reason: `"${rule.argument}": ${whyArgumentsDiffer(argument, asked.args)}`,
    })
  if (!matchesEnd(caller, asked.caller))
    mismatches.push({ column: 'caller', reason: `"${rule.caller}" is not ${describeEnd(asked.caller)}` })
  if (!matchesEnd(target, asked.target))
    mismatches.push({ column: 'target', reason: `"${rule.target}" is not ${describeEnd(asked.target)}` })
  return mismatches
}
