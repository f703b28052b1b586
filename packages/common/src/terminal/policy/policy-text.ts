/**
 * Rules and decisions as people read them.
 * Floor 8. Pure. What came from files is escaped by whoever prints it (print.ts).
 */
import type { Explanation } from '../../policy/explain.js'
import { nameOfRule } from '../../policy/rule.js'
import type { Rule, RuleOptions } from '../../policy/rule.js'

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

function columnsOf({ command, argument, caller, target, action, options }: Rule): readonly string[] {
  return [command, argument, caller, target, [action, ...optionWords(options)].join(' ')]
}

function optionWords(options: RuleOptions): readonly string[] {
  const { timeoutMs, concurrentMax, outputBytesMax, rate, ...words } = options
  return [
    ...Object.entries(words).map(([name, value]) => [name, value] as const),
    ['timeout', timeoutMs === undefined ? undefined : `${timeoutMs}ms`] as const,
    ['max-concurrent', concurrentMax] as const,
    ['max-output', outputBytesMax] as const,
    [
      'rate',
      rate === undefined ? undefined : `${rate.count}/${periods[rate.periodMs] ?? `${rate.periodMs}ms`}`,
    ] as const,
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

const periods: Readonly<Record<number, string>> = { 1000: 's', 60_000: 'm', 3_600_000: 'h' }
