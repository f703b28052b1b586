/**
 * A file of expected decisions, for whoever keeps a policy under test.
 * Floor 8. docs/policy.md, "Tools", has its form.
 */
import { sentenceOf, UsageError } from '../../errors.js'
import { escapeControl } from '../../log.js'
import { decide } from '../../policy/decide.js'
import type { PolicySide } from '../../policy/end.js'
import { Fault } from '../../policy/fault.js'
import { literalOf } from '../../policy/glob.js'
import type { ParsedRule } from '../../policy/parse-rule.js'
import { nameOfRule } from '../../policy/rule.js'
import type { Decision, Question } from '../../policy/rule.js'
import { readWord } from '../../policy/word.js'
import { callerFrom, targetFrom } from './ends.js'

/** One line of the file. */
export interface Expectation {
  readonly line: number
  readonly text: string
  readonly kind: Decision['kind']
  /** Such as `30-local.policy:4`; absent where any rule will do. */
  readonly rule?: string | undefined
  readonly question: Question
}

/** An expectation that does not hold. */
export interface Surprise {
  readonly expectation: Expectation
  readonly decision: Decision
}

/** @throws {UsageError} `bad-expectation`, naming file and line */
export async function parseExpectations(text: string, path: string): Promise<readonly Expectation[]> {
  const expectations: Expectation[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    try {
      expectations.push(await parseLine(trimmed, index + 1))
    } catch (error) {
      const why = error instanceof Fault ? `${error.message}; ${error.fix}` : sentenceOf(error)
      const sentence = escapeControl(`Cannot read "${path}", line ${index + 1}: ${why}`)
      throw new UsageError(sentence, { code: 'bad-expectation', cause: error })
    }
  }
  return expectations
}

/** Compares what is decided with what is expected. */
export function findSurprises(
  expectations: readonly Expectation[],
  { rules, side }: { readonly rules: readonly ParsedRule[]; readonly side: PolicySide },
): readonly Surprise[] {
  return expectations
    .map((expectation) => ({ expectation, decision: decide(rules, expectation.question, side) }))
    .filter(({ expectation: { kind, rule }, decision }) => {
      const decided = decision.rule === undefined ? undefined : nameOfRule(decision.rule)
      return decision.kind !== kind || (rule !== undefined && rule !== decided)
    })
}

async function parseLine(text: string, line: number): Promise<Expectation> {
  const [expected = '', caller, target, command, ...args] = text.split(/\s+/)
  const [, kind, rule] = /^(allow|deny)(?:@(\S+))?$/.exec(expected) ?? []
  if (kind !== 'allow' && kind !== 'deny')
    throw new UsageError(
      `"${expected}" is no decision; wanted allow, deny, or one with its rule such as allow@30-local.policy:4`,
      {
        code: 'bad-expectation',
      },
    )
  if (caller === undefined || target === undefined || command === undefined)
    throw new UsageError('wanted DECISION CALLER TARGET COMMAND [ARGUMENT ...]', { code: 'bad-expectation' })
  const question = {
    caller: await callerFrom(caller),
    target: targetFrom(target),
    command,
    args: args.map(argumentFrom),
  }
  return { line, text, kind, rule, question }
}

/** As a word in a policy: `%20` for a blank; `%` alone stands for an empty argument, which no column can hold. */
function argumentFrom(word: string): string {
  if (word === '%') return ''
  return literalOf(readWord({ text: word.replaceAll('*', '%2A').replaceAll('?', '%3F'), at: 0 })) ?? ''
}
