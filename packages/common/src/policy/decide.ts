/**
 * Asks the rules: the first that matches decides, and when none does the answer is no.
 * Floor 4. Pure.
 */
import { isAnyArgument, matchesArguments } from './argument.js'
import { endOf } from './end.js'
import type { End, PolicySide } from './end.js'
import { matchesGlob } from './glob.js'
import type { ParsedRule } from './parse-rule.js'
import { reasonOfNoRule, reasonOfRule } from './refusal.js'
import type { Decision, Question } from './rule.js'
import { matchesEnd } from './terms.js'

/**
 * Decides about one call.
 * @param rules all of them, in order
 * @param side the machine whose policy this is
 */
export function decide(rules: readonly ParsedRule[], question: Question, side: PolicySide): Decision {
  const asked = { ...endsOf(question, side), command: question.command }
  const found = rules.find((rule) => concerns(rule, asked) && matchesArguments(rule.argument, question.args))
  if (found === undefined) return { kind: 'deny', reason: reasonOfNoRule(asked) }
  const { rule } = found
  return rule.action === 'allow'
    ? { kind: 'allow', rule }
    : { kind: 'deny', rule, reason: reasonOfRule(rule) }
}

/**
 * Whether a command could be called at all, with some arguments; for the list of commands that a caller is shown.
 * A rule for certain arguments that allows is enough, one that denies says nothing about the others.
 */
export function mayEverCall(
  rules: readonly ParsedRule[],
  { caller, target, command }: Omit<Question, 'args'>,
  side: PolicySide,
): boolean {
  const asked = { ...endsOf({ caller, target }, side), command }
  const deciding = rules.find(
    (rule) => concerns(rule, asked) && (rule.rule.action === 'allow' || isAnyArgument(rule.argument)),
  )
  return deciding?.rule.action === 'allow'
}

/** Who asks for what, as the rules see it. */
export interface Asked {
  readonly caller: End
  readonly target: End
  readonly command: string
}

/** Both ends of a call, as the rules of one side see them. */
export function endsOf(
  { caller, target }: Pick<Question, 'caller' | 'target'>,
  side: PolicySide,
): { readonly caller: End; readonly target: End } {
  return { caller: endOf(caller, side), target: endOf(target, side) }
}

/** Everything but the arguments, which cost most to look at. */
function concerns(rule: ParsedRule, { caller, target, command }: Asked): boolean {
  return (
    matchesGlob(rule.command, command) && matchesEnd(rule.caller, caller) && matchesEnd(rule.target, target)
  )
}
