/**
 * A policy file, on both sides, and what it decides about a guest with any name.
 */
import { decide, escapeControl, parsePolicy } from '@negotiator/common'
import type { ParsedRule } from '@negotiator/common'
import { holds, same } from '../target.js'
import type { Target } from '../target.js'

export const policyTarget: Target = {
  name: 'policy',
  promise: 'never throws, gives each fault a place and a fix, and decides with a reason that can be shown',
  grammar: 'lines',
  tokens: [
    ...['*', '?', '@none', '+@rest', '+', '@host', '@self', '@anyguest', 'uuid:', 'user:', 'group:#'],
    ...['%', '%C3%A9', '%00', '%ff', 'allow', 'deny', ' ', '#', '=', ':', '-', '\t', '\r'],
    ...[
      'user=root',
      'timeout=30s',
      'max-concurrent=1',
      'max-output=1KiB',
      'rate=1/s',
      'audit=full',
      'target=@host',
    ],
  ],
  check: (input) => {
    const text = input.toString()
    const { rules, problems } = parsePolicy([{ file: 'x.policy', path: '/x.policy', text }])
    const lines = text.split('\n')
    for (const { line, column, message, fix } of problems) {
      holds(line >= 1 && line <= lines.length, `no such line: ${line}`)
      holds(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, `no such column: ${line}:${column}`)
      holds(fix !== '' && message.endsWith(`; ${fix}`), `no fix: ${message}`)
    }
    checkDecision(rules, text)
    for (const { rule } of rules) checkAlone(rule, lines[rule.place.line - 1] ?? '')
  },
}

function checkDecision(rules: readonly ParsedRule[], name: string): void {
  const question = {
    caller: { kind: 'guest', name },
    target: { kind: 'self' },
    command: name.slice(0, 8),
    args: name.split(' '),
  } as const
  for (const side of ['host', 'guest'] as const) {
    const decision = decide(rules, question, side)
    if (decision.kind === 'deny')
      holds(escapeControl(decision.reason) === decision.reason, `not to be shown: ${decision.reason}`)
  }
}

/** No line means something else because of those around it. */
function checkAlone(rule: ParsedRule['rule'], line: string): void {
  const alone = parsePolicy([{ file: rule.place.file, path: rule.place.path, text: line }])
  same(alone.problems, [], 'a rule is none when it stands alone')
  same(
    alone.rules.map((parsed) => ({ ...parsed.rule, place: rule.place })),
    [rule],
    'it reads a line otherwise when it stands alone',
  )
}
