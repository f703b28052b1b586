/**
 * Rules and decisions as people read them.
 * Floor 8. Pure. What came from files is escaped by whoever prints it (print.ts).
 */
import type { Explanation } from '../../policy/explain.js'
import { nameOfRule } from '../../policy/rule.js'
import type { Rule } from '../../policy/rule.js'
import type { Surprise } from './expectations.js'
import { optionWords } from './option-words.js'

/** The rules as a table. */
export function rowsOf(rules: readonly Rule[]): readonly (readonly string[])[] {
  const heading = ['RULE', 'COMMAND', 'ARGUMENT', 'CALLER', 'TARGET', 'ACTION']
  return [heading, ...rules.map((rule) => [nameOfRule(rule), ...columnsOf(rule)])]
}

/** Why a call is decided as it is, line by line. */
export function explanationLines({ decision, passed }: Explanation): readonly string[] {
  const before = passed.map(({ rule, mismatches }) => {
    const reasons = mismatches.map(({ column, reason }) => `${column} ${reason}`).join('; ')
    return `passed   ${nameOfRule(rule)}  ${columnsOf(rule).join('  ')}: ${reasons}`
  })
  const decided =
    decision.rule === undefined
      ? 'denied   no rule matches'
      : `${decision.kind === 'allow' ? 'allowed' : 'denied '}  ${nameOfRule(decision.rule)}  ${columnsOf(decision.rule).join('  ')}`
  return [...before, decided, ...(decision.kind === 'deny' ? [`the caller reads: ${decision.reason}`] : [])]
}

/** What was expected, and what is decided instead. */
export function surpriseLine({ expectation: { line, text }, decision }: Surprise): string {
  const by = decision.rule === undefined ? 'by no rule' : `by ${nameOfRule(decision.rule)}`
  return `line ${line}: ${text}: it is ${decision.kind === 'allow' ? 'allowed' : 'denied'} ${by}`
}

function columnsOf({ command, argument, caller, target, action, options }: Rule): readonly string[] {
  return [command, argument, caller, target, [action, ...optionWords(options)].join(' ')]
}
