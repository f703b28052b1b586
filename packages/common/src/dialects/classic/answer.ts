/**
 * What a python-negotiator peer answers, read: a result, a failure, or the refusal of a method that nobody has.
 * Floor 6. Pure.
 */
import { randomBytes } from 'node:crypto'
import { signalName } from '../../signals.js'
import type { Result } from '../../wire/result.js'

/** An answer of the old protocol. */
export type Answer =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly error: string }
  /** The peer does not know our opening: it is one of the old ones. */
  | { readonly kind: 'opening-refused' }
  /** The peer does not know a method that we made up to hear of it. */
  | { readonly kind: 'token-refused'; readonly token: string }
  | { readonly kind: 'unreadable' }

/** A method name that no peer has and that is never used again. */
export function newToken(): string {
  return `negotiator-sync-${randomBytes(8).toString('hex')}`
}

/** Reads an answer. */
export function readAnswer(message: object): Answer {
  const { success, result, error } = message as Readonly<Record<string, unknown>>
  if (success === true) return { kind: 'result', value: result }
  if (success !== false || typeof error !== 'string') return { kind: 'unreadable' }
  const [, method] = /^Method (negotiator-\S+) not supported$/.exec(error) ?? []
  if (method === undefined) return { kind: 'failure', error }
  return method === 'negotiator-open' ? { kind: 'opening-refused' } : { kind: 'token-refused', token: method }
}

/** The library takes 127 for it, whoever says so: a shell that misses a program, too. */
const missingReason =
  'there is no command of this name, or it ended with 127, which python-negotiator does not tell apart'

/**
 * A command's result as the text of a failure tells it; what it wrote to standard error stays on the other side.
 * The words are those of the library under python-negotiator, in each of its ages.
 */
export function resultOfFailure(error: string): Result {
  const [, sign, digits] = /^External command failed with exit code (-?)(\d+)!/.exec(error) ?? []
  if (digits !== undefined) {
    const signal = sign === '-' ? signalName(Number(digits)) : undefined
    if (signal !== undefined) return { kind: 'signalled', signal }
    return Number(digits) <= 255
      ? { kind: 'exited', code: Number(digits) }
      : { kind: 'lost', reason: 'the other side tells an exit status that there is not' }
  }
  if (error.startsWith("External command isn't available!"))
    return { kind: 'unknown-command', reason: missingReason }
  return { kind: 'failed-to-start', reason: error.slice(0, 1000) }
}
