/**
 * Definitions in our own keys: TOML and JSON.
 * Pure.
 */
import { escapeControl, sentenceOf, UsageError } from '@negotiator/common'
import { parse, TomlError } from 'smol-toml'
import { quoted, shown } from '../problem.js'
import type { Draft } from './draft.js'

/** @throws {UsageError} `bad-definition`, with the line */
export function draftFromToml(text: string, source: string): Draft {
  try {
    return { values: parse(text), problems: [], passedOver: [] }
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const what = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'it is not TOML'
    throw unreadable(source, {
      form: 'TOML',
      reason: `line ${cause.line}: ${what}; --format names another form, and none is run as a program`,
      cause,
    })
  }
}

/** @throws {UsageError} `bad-definition` */
export function draftFromJson(text: string, source: string): Draft {
  return { values: parseJsonTable(text, source), problems: [], passedOver: [] }
}

/** One table of JSON. @throws {UsageError} `bad-definition` */
export function parseJsonTable(text: string, source: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text, source)
  if (isTable(value)) return value
  throw unreadable(source, { form: 'JSON', reason: `it is ${shown(value)}, wanted a table` })
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw unreadable(source, { form: 'JSON', reason: escapeControl(sentenceOf(cause)), cause })
  }
}

/** A text that is not of the form that it was read as. */
export function unreadable(
  source: string,
  { form, reason, cause }: { readonly form: string; readonly reason: string; readonly cause?: unknown },
): UsageError {
  return new UsageError(`Cannot read the definition ${quoted(source)} as ${form}: ${reason}`, {
    code: 'bad-definition',
    cause,
  })
}
