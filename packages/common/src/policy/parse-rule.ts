/**
 * One rule from its columns.
 * Floor 4. Pure.
 */
import { commandNameLengthMax } from '../limits.js'
import { nearest } from '../nearest.js'
import { parseArgument } from './argument.js'
import type { ArgumentPattern } from './argument.js'
import type { Attempt } from './attempt.js'
import { Fault } from './fault.js'
import type { Span } from './fault.js'
import type { Glob } from './glob.js'
import { parseOption } from './options.js'
import type { Rule, RuleOptions, RulePlace } from './rule.js'
import { parseCaller, parseTarget } from './terms.js'
import type { Term } from './terms.js'
import { readWord } from './word.js'

/** A rule, and what its columns mean. */
export interface ParsedRule {
  readonly rule: Rule
  readonly command: Glob
  readonly argument: ArgumentPattern
  readonly caller: Term
  readonly target: Term
}

/**
 * Reads the columns of a rule.
 * @returns `undefined` when `attempt` has faults then
 */
export function parseRule(attempt: Attempt, { place, columns }: RuleText): ParsedRule | undefined {
  const five = attempt.try(() => fiveOf(columns))
  if (five === undefined) return undefined
  const read = {
    command: attempt.try(() => readCommand(five.command)),
    argument: attempt.try(() => parseArgument(five.argument, five.action.text === 'deny' ? 'deny' : 'allow')),
    caller: attempt.try(() => parseCaller(five.caller)),
    target: attempt.try(() => parseTarget(five.target)),
    action: attempt.try(() => readAction(five.action)),
  }
  const options =
    read.action === undefined
      ? {}
      : readOptions(attempt, { spans: columns.slice(columnCount), action: read.action })
  if (!isComplete(read)) return undefined
  const { action, ...meanings } = read
  const { command, argument, caller, target } = five
  const texts = { command: command.text, argument: argument.text, caller: caller.text, target: target.text }
  return { rule: { place, ...texts, action, options }, ...meanings }
}

interface RuleText {
  readonly place: RulePlace
  readonly columns: readonly Span[]
}

const columnCount = 5

function fiveOf(
  columns: readonly Span[],
): Readonly<Record<'command' | 'argument' | 'caller' | 'target' | 'action', Span>> {
  const [command, argument, caller, target, action] = columns
  const isShort = !command || !argument || !caller || !target || !action
  if (isShort) throw tooFewColumns(columns)
  return { command, argument, caller, target, action }
}

type Complete<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> }

function isComplete<T extends object>(read: T): read is T & Complete<T> {
  return !Object.values(read).includes(undefined)
}

interface ActionOptions {
  readonly spans: readonly Span[]
  readonly action: 'allow' | 'deny'
}

function readOptions(attempt: Attempt, { spans, action }: ActionOptions): RuleOptions {
  const seen = new Set<string>()
  let all: RuleOptions = {}
  for (const span of spans) {
    attempt.try(() => {
      const { name, options: more } = parseOption(span, action)
      if (seen.has(name))
        throw new Fault(span.at, `the option "${name}" stands here twice`, 'remove one of them')
      seen.add(name)
      all = { ...all, ...more }
    })
  }
  return all
}

const commandPattern = /^[A-Za-z0-9*?][A-Za-z0-9._*?-]*$/

function readCommand({ text, at }: Span): Glob {
  if (!commandPattern.test(text))
    throw new Fault(
      at,
      `no command can be called "${text}"`,
      'write a name of letters, digits, ".", "_" and "-" that begins with a letter or a digit, a pattern of these with "*" and "?", or "*"',
    )
  if (text.replaceAll('*', '').length > commandNameLengthMax)
    throw new Fault(
      at,
      `the command's name has ${text.length} characters, ${commandNameLengthMax} at most`,
      'write the name of a command',
    )
  return readWord({ text, at })
}

function readAction({ text, at }: Span): 'allow' | 'deny' {
  if (text === 'allow' || text === 'deny') return text
  const near = nearest(text, ['allow', 'deny'])
  const fix = near === undefined ? 'write allow or deny as the fifth column' : `did you mean "${near}"?`
  throw new Fault(at, `unknown action "${text}"`, fix)
}

function tooFewColumns(columns: readonly Span[]): Fault {
  const { text, at } = columns.at(-1) ?? { text: '', at: 0 }
  return new Fault(
    at + text.length,
    `the line ends after ${columns.length} of 5 columns`,
    'write COMMAND ARGUMENT CALLER TARGET ACTION, such as "uptime-seconds * @host @self allow"',
  )
}
