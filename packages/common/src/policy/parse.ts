/**
 * From the text of policy files to rules, or to all that is wrong with them.
 * Floor 4. Pure. Never throws, whatever the text; docs/policy.md has the grammar.
 */
import { policyFaultsMax, policyRulesMax } from './limits.js'
import { Attempt } from './attempt.js'
import { Fault } from './fault.js'
import type { PolicyProblem } from './fault.js'
import { checkCharacters, columnsOf, isComment } from './line.js'
import { parseRule } from './parse-rule.js'
import type { ParsedRule } from './parse-rule.js'

/** The text of one policy file. */
export interface PolicySource {
  /** Its base name. */
  readonly file: string
  readonly path: string
  readonly text: string
}

/** What became of a policy. With a problem the rules are not to be used. */
export interface ParsedPolicy {
  readonly rules: readonly ParsedRule[]
  readonly problems: readonly PolicyProblem[]
}

/**
 * Parses policy files, given in the order in which they are asked.
 * @returns all problems, unless there are more than a thousand: then those up to there
 */
export function parsePolicy(sources: readonly PolicySource[]): ParsedPolicy {
  const rules: ParsedRule[] = []
  const problems: PolicyProblem[] = []
  for (const source of sources) {
    for (const [index, text] of linesOf(source.text).entries()) {
      const parsed = parseLine({ source, line: index + 1, text, isFull: rules.length >= policyRulesMax })
      if (parsed.rule !== undefined) rules.push(parsed.rule)
      problems.push(...parsed.problems)
      // Each further line would only say the same.
      const isHopeless = rules.length >= policyRulesMax && parsed.problems.length > 0
      if (isHopeless || problems.length >= policyFaultsMax) return { rules, problems }
    }
  }
  return { rules, problems }
}

interface Line {
  readonly source: PolicySource
  readonly line: number
  readonly text: string
  readonly isFull: boolean
}

interface ParsedLine {
  readonly rule?: ParsedRule
  readonly problems: readonly PolicyProblem[]
}

const byteOrderMark = '\ufeff'

function linesOf(text: string): readonly string[] {
  const plain = text.startsWith(byteOrderMark) ? text.slice(1) : text
  return plain.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

function parseLine({ source, line, text, isFull }: Line): ParsedLine {
  const attempt = new Attempt()
  attempt.try(() => checkCharacters(text))
  const columns = attempt.hasFailed || isComment(text) ? [] : columnsOf(text)
  const { file, path } = source
  const rule = columns.length === 0 ? undefined : parseRule(attempt, { place: { file, path, line }, columns })
  if (rule !== undefined && isFull) attempt.try(() => refuseRule())
  const problems = attempt.faults.map((fault) => problemOf({ source, line, text, fault }))
  return rule === undefined || problems.length > 0 ? { problems } : { rule, problems }
}

function refuseRule(): never {
  throw new Fault(
    0,
    `the policy has more than ${policyRulesMax} rules`,
    'put patterns in the place of single names',
  )
}

interface FaultyLine {
  readonly source: PolicySource
  readonly line: number
  readonly text: string
  readonly fault: Fault
}

function problemOf({ source, line, text, fault }: FaultyLine): PolicyProblem {
  const { file, path } = source
  const { at, message, fix } = fault
  // Editors count characters, and one beyond U+FFFF takes two places here.
  const column = Array.from(text.slice(0, at)).length + 1
  return { file, path, line, column, message: `${message}; ${fix}`, fix }
}
