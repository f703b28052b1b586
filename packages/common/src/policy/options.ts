/**
 * What stands behind a rule's action: `timeout=30s` and its like.
 * Floor 4. Pure.
 */
import { nearest } from '../nearest.js'
import { readAccount } from './account.js'
import { Fault } from './fault.js'
import type { Span } from './fault.js'
import { parseQuantity } from './quantity.js'
import { parseRedirect } from './redirect.js'
import type { AuditDetail, RuleOptions } from './rule.js'

type OptionReader = (value: Span) => RuleOptions

const auditDetails: readonly AuditDetail[] = ['none', 'hash', 'full']

const readers: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>([
  ['user', (value) => ({ user: accountText(value, 'a user') })],
  ['group', (value) => ({ group: accountText(value, 'a group') })],
  ['timeout', (value) => ({ timeoutMs: parseQuantity(value, 'time') })],
  ['max-concurrent', (value) => ({ concurrentMax: parseQuantity(value, 'count') })],
  ['max-output', (value) => ({ outputBytesMax: parseQuantity(value, 'size') })],
  ['rate', (value) => ({ rate: readRate(value) })],
  ['audit', (value) => ({ audit: readAudit(value) })],
  ['target', (value) => ({ target: readTarget(value) })],
])

/** The one option that says something about a call that is not run. */
const optionsOfDeny = ['audit']

/**
 * Reads one option of an action; a rule's options are put together by its caller.
 * @throws {Fault} for what is none, and for one that says nothing beside this action
 */
export function parseOption({ text, at }: Span, action: 'allow' | 'deny'): NamedOption {
  const [name = '', ...values] = text.split('=')
  const reader = readers.get(name)
  if (reader === undefined) throw unknownOption(name === '' ? text : name, at)
  const value = { text: values.join('='), at: at + name.length + 1 }
  if (value.text === '')
    throw new Fault(at, `the option "${name}" has no value`, `write ${name}=VALUE, without blanks`)
  if (action === 'deny' && !optionsOfDeny.includes(name))
    throw new Fault(
      at,
      `the option "${name}" says nothing beside deny`,
      'remove it; only audit= makes sense here',
    )
  return { name, options: reader(value) }
}

/** One option, as part of a rule's. */
export interface NamedOption {
  readonly name: string
  readonly options: RuleOptions
}

function unknownOption(name: string, at: number): Fault {
  const near = nearest(name, readers.keys())
  const fix =
    near === undefined ? `the options are ${[...readers.keys()].join(', ')}` : `did you mean "${near}"?`
  return new Fault(at, `unknown option "${name}"`, fix)
}

/** `#1000` is a number, too, and given as one. */
function accountText(value: Span, what: string): string {
  const account = readAccount(value, what)
  return 'id' in account ? `${account.id}` : account.name
}

function readRate({ text, at }: Span): { readonly count: number; readonly periodMs: number } {
  const [, count = '', period = ''] = /^(\d+)\/([smh])$/.exec(text) ?? []
  const periodMs = { s: 1_000, m: 60_000, h: 3_600_000 }[period]
  if (periodMs === undefined)
    throw new Fault(
      at,
      `"${text}" is not a rate`,
      'write so many calls a second, minute or hour: 10/s, 100/m, 1000/h',
    )
  return { count: parseQuantity({ text: count, at }, 'count'), periodMs }
}

function readAudit({ text, at }: Span): AuditDetail {
  const detail = auditDetails.find((known) => known === text)
  if (detail === undefined)
    throw new Fault(at, `"${text}" is not how much the audit tells`, 'write none, hash or full')
  return detail
}

/** Kept as it was written, for a guest may be called `@host`. */
function readTarget(value: Span): string {
  parseRedirect(value)
  return value.text
}
