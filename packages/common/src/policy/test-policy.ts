/**
 * What tests of the policy share: who calls, and a policy from its lines.
 * Floor 4, for tests.
 */
import type { Caller, GuestEnd, LocalProgram, Target } from './caller.js'
import type { PolicySide } from './end.js'
import { sentenceOfProblem } from './fault.js'
import { parsePolicy } from './parse.js'
import type { ParsedRule } from './parse-rule.js'
import type { Decision } from './rule.js'

/** A group of cases about one policy. */
export interface CaseGroup {
  readonly name: string
  readonly side: PolicySide
  /** The lines of the one file. */
  readonly policy: readonly string[]
  readonly cases: readonly PolicyCase[]
}

/** What is promised, who calls whom, the command and its arguments, and what is expected: `allow 1`, `deny 2`, or `deny` when no line matches. */
export type PolicyCase = readonly [
  promise: string,
  caller: Caller,
  target: Target,
  call: readonly [command: string, ...args: string[]],
  expected: string,
]

export const host: Caller & Target = { kind: 'host' }
export const self: Target = { kind: 'self' }
/** A program whose user the kernel did not tell. */
export const program: LocalProgram = { kind: 'program' }
export const alice: LocalProgram = {
  kind: 'program',
  user: {
    userId: 1000,
    userName: 'alice',
    groupNames: ['alice', 'wheel'],
    groupIds: [1000, 10],
    processId: 4711,
  },
}
/** A user without a name, and in a group without one. */
export const nameless: LocalProgram = {
  kind: 'program',
  user: { userId: 2000, userName: '#2000', groupNames: ['#3000'], groupIds: [3000], processId: 4712 },
}

export const webUuid = '6d1f2c3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f'

/** A guest of this name, and this uuid if it has one. */
export function guest(name: string, uuid?: string): GuestEnd {
  return { kind: 'guest', name, uuid }
}

/** The rules of a policy that is known to be good. */
export function rulesOf(lines: readonly string[]): readonly ParsedRule[] {
  const { rules, problems } = parsePolicy([
    { file: '10-test.policy', path: '/policy.d/10-test.policy', text: lines.join('\n') },
  ])
  if (problems.length > 0) throw new Error(problems.map(sentenceOfProblem).join('\n'))
  return rules
}

/** A decision as the cases write it. */
export function shortForm(decision: Decision): string {
  return decision.rule === undefined ? decision.kind : `${decision.kind} ${decision.rule.place.line}`
}
