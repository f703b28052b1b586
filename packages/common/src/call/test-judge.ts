/**
 * Judges for tests that are not about the policy, and an audit that remembers.
 * Floor 5, for tests.
 */
import type { Decision, Question, Rule, RuleOptions } from '../policy/rule.js'
import type { Audit, AuditRecord } from './audit.js'
import type { Judge } from './judge.js'

/** The rule of a judge that allows. */
export function testRule(options: RuleOptions = {}, action: Rule['action'] = 'allow'): Rule {
  const place = { file: '30-test.policy', path: '/test/30-test.policy', line: 1 }
  return { place, command: '*', argument: '*', caller: '*', target: '*', action, options }
}

/** A judge that allows everything under one rule, or decides as it is told. */
export function testJudge(
  decide: (question: Question) => Decision = () => ({ kind: 'allow', rule: testRule() }),
): Judge {
  return {
    decide,
    mayEverCall: (question) => decide({ ...question, args: [] }).kind === 'allow',
    isShutOut: () => false,
    subscribe: () => () => undefined,
  }
}

/** An audit whose records a test can read. */
export function testAudit(): Audit & { readonly records: readonly AuditRecord[] } {
  const records: AuditRecord[] = []
  return { records, write: (record) => void records.push(record) }
}
