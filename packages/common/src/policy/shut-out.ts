/**
 * Whether the policy keeps a guest from everything: it may call nothing and be called by nobody.
 * Floor 4. Pure. It says so only where it is certain: a rule that allows anything at all to or for that guest is enough for
 * no, even if rules before it leave nothing of what it allows.
 */
import { policyRulesJudgedMax } from './limits.js'
import { isAnyArgument } from './argument.js'
import type { GuestEnd } from './caller.js'
import { endOf } from './end.js'
import type { End } from './end.js'
import type { ParsedRule } from './parse-rule.js'
import { matchesEnd } from './terms.js'

/** Asks the rules of a host, in order. Of very many it asks none, and is not certain. */
export function isShutOut(rules: readonly ParsedRule[], guest: GuestEnd): boolean {
  if (rules.length > policyRulesJudgedMax) return false
  const end = endOf(guest, 'host')
  return !isAllowed(rules, { end, as: 'caller' }) && !isAllowed(rules, { end, as: 'target' })
}

interface Standing {
  readonly end: End
  readonly as: 'caller' | 'target'
}

/** The first rule decides that allows it something, or denies it everything. */
function isAllowed(rules: readonly ParsedRule[], { end, as }: Standing): boolean {
  const other = as === 'caller' ? 'target' : 'caller'
  const deciding = rules.find((parsed) => {
    const { rule } = parsed
    const leadsHere = as === 'target' && rule.options.target !== undefined
    if (rule.action === 'allow') return leadsHere || matchesEnd(parsed[as], end)
    return matchesEnd(parsed[as], end) && parsed[other].kind === 'anyone' && isOfAll(parsed)
  })
  return deciding?.rule.action === 'allow'
}

/** Whether it concerns each command with each argument. */
function isOfAll({ command, argument }: ParsedRule): boolean {
  return command.every(({ kind }) => kind === 'run') && isAnyArgument(argument)
}
