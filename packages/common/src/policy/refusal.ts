/**
 * Why a call is denied, in words that may go to the caller.
 * Floor 4. Pure. They name no path, quote no rule, and nothing in them can drive a terminal.
 */
import { escapeControl } from '../log.js'
import { commandNameLengthMax } from '../limits.js'
import { termFor } from './end.js'
import type { End } from './end.js'
import { placeOfProblem } from './fault.js'
import type { PolicyProblem } from './fault.js'
import { nameOfRule } from './rule.js'
import type { Rule } from './rule.js'

/** A rule says no. */
export function reasonOfRule(rule: Rule): string {
  return `rule ${nameOfRule(rule)} denies it; an administrator can allow it by a rule before that one`
}

/** No rule says yes. What stands in the rule that would has been made safe by `termFor()`, or is a command's plain name. */
export function reasonOfNoRule({ caller, target, command }: RefusedCall): string {
  const rule = `${plainCommand(command)} * ${termFor(caller)} ${termFor(target)} allow`
  return `no rule of the policy allows it; an administrator can add one, e.g. "${rule}" in policy.d/30-local.policy`
}

/** There is no policy. Where it is at fault is told, what stands there is not. */
export function reasonOfBadPolicy([first]: readonly PolicyProblem[]): string {
  const place = first === undefined ? '' : `: ${escapeControl(placeOfProblem(first))} is at fault`
  return `the policy could not be read${place}; an administrator must mend it`
}

interface RefusedCall {
  readonly caller: End
  readonly target: End
  readonly command: string
}

const plainName = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${commandNameLengthMax - 1}}$`)

/** No rule can name what is no command's name, so the form stands for it. */
function plainCommand(command: string): string {
  return plainName.test(command) ? command : 'COMMAND'
}
