/**
 * Every refusal that a caller can meet on its way to a command: which side, which rule or limit, and what to do.
 * Floor 5. Pure. These sentences go to the other side, so they hold no path, and nothing of the other side's unescaped.
 */
import { callsWaitingMax, cataloguesPerCallerMax, turnPatienceMs } from '../limits.js'
import type { Rule } from '../policy/rule.js'
import { nameOfRule } from '../policy/rule.js'
import type { Result } from '../wire/result.js'
import type { Speaker } from './speaker.js'

/** The policy says no. */
export function denied(speaker: Speaker, reason: string): Result {
  return { kind: 'denied', reason: `the policy of ${speaker}: ${reason}` }
}

/** A caller may not ask for this at all. */
export function notForPeers(ask: string): Result {
  return { kind: 'denied', reason: `a peer may not ask for "${ask}"; only programs on its own machine may` }
}

/** A guest names another that is not there, or that two are called as. */
export function noSuchGuest(): Result {
  return {
    kind: 'unreachable',
    reason:
      'the host has no one guest of this name or uuid; ask its administrator, who sees them with `negotiator-host guests`',
  }
}

/** A guest asks the host for a call to itself. */
export function toItself(): Result {
  return {
    kind: 'denied',
    reason: 'the host relays no call of a guest to itself; run the command there directly',
  }
}

/** A host asks a guest to pass its call on. */
export function noRelayHere(): Result {
  return { kind: 'denied', reason: 'a guest relays no calls; call the other guest from the host' }
}

/** A rule's `rate=` is used up. */
export function tooOften(speaker: Speaker, rule: Rule): Result {
  const { count, periodMs } = rule.options.rate ?? { count: 0, periodMs: 0 }
  const period = periods.get(periodMs) ?? `in ${periodMs} ms`
  return {
    kind: 'busy',
    reason: `the policy of ${speaker}: rule ${nameOfRule(rule)} allows ${counted(count, 'call')} ${period}; call again later, or raise its rate=`,
  }
}

const periods: ReadonlyMap<number, string> = new Map([
  [1000, 'a second'],
  [60_000, 'a minute'],
  [3_600_000, 'an hour'],
])

/** A rule's `max-concurrent=` is used up. */
export function tooManyUnderRule(speaker: Speaker, rule: Rule): Result {
  return {
    kind: 'busy',
    reason:
      `the policy of ${speaker}: rule ${nameOfRule(rule)} allows ${counted(rule.options.concurrentMax ?? 0, 'call')} at once; ` +
      'call again when one has ended, or raise its max-concurrent=',
  }
}

/** One caller has too many commands running, and none of them has ended in time. */
export function tooManyOfCaller(speaker: Speaker, countMax: number): Result {
  return {
    kind: 'busy',
    reason: `${speaker} runs ${countMax} commands for one caller at once, and none has ended for ${turnPatienceMs / 1000} s; call again when one has`,
  }
}

/** One caller has too many calls in line. */
export function tooManyWaiting(speaker: Speaker): Result {
  return {
    kind: 'busy',
    reason: `${callsWaitingMax} calls of one caller wait at ${speaker} already; call again when some have been served`,
  }
}

/** A caller follows the list of commands too many times. */
export function tooManyCatalogues(speaker: Speaker): Result {
  return {
    kind: 'busy',
    reason: `${speaker} tells its commands to one caller ${cataloguesPerCallerMax} times at once; use what it tells already`,
  }
}

/** A command's own `max-concurrent` is used up, and it asks not to wait. */
export function tooManyOfCommand(countMax: number): Result {
  return {
    kind: 'busy',
    reason: `its settings allow ${counted(countMax, 'call')} of it at once; call again when one has ended, or raise its max-concurrent`,
  }
}

/** The command takes other arguments. */
export function wrongArguments(reason: string): Result {
  return { kind: 'denied', reason: `its settings: ${reason}` }
}

/** The command takes no standard input, and some is coming. */
export function noStdin(): Result {
  return { kind: 'denied', reason: 'its settings: it takes no standard input; call it with --no-stdin' }
}

/** A module or a socket cannot run as another user than the daemon. */
export function notAs(what: 'module' | 'socket'): Result {
  const kind = what === 'module' ? 'a module runs in the daemon' : 'a service runs as it was started'
  return {
    kind: 'failed-to-start',
    reason: `it shall run as another user, and ${kind}; make it an executable, or take user and group away`,
  }
}

/** There is no command of this name. */
export function unknownCommand(): Result {
  return { kind: 'unknown-command', reason: 'there is no command of this name' }
}

/** A fault of ours: the log has the whole of it. */
export function daemonFailed(): Result {
  return { kind: 'failed-to-start', reason: 'the daemon on the other side failed; its log says why' }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
