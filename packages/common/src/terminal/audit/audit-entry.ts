/**
 * A line of the audit log as it is read: a record, or something that is none.
 * Floor 8. Pure. The file may hold anything, for a disk was full or somebody edited it; nothing in it stops a reader.
 */
import { NegotiatorError } from '../../errors.js'
import { objectFrom, optionalTextIn, textIn, textListIn } from '../../wire/fields.js'
import type { Fields } from '../../wire/fields.js'

/** What a reader needs of a record. @see agent/audit-line.ts, which writes it */
export interface ReadRecord {
  readonly time: string
  readonly caller: string
  readonly callerUuid: string | undefined
  readonly target: string
  readonly targetUuid: string | undefined
  readonly command: string
  readonly args: readonly string[] | undefined
  readonly argsHash: string | undefined
  readonly result: string
  /** The exit code, or the signal's name. */
  readonly detail: string | undefined
  /** How many calls it stands for. */
  readonly count: number
  readonly reason: string | undefined
  readonly durationMs: number | undefined
}

export type AuditEntry =
  | { readonly kind: 'record'; readonly line: string; readonly record: ReadRecord }
  | { readonly kind: 'broken'; readonly line: string }

/** Reads a line; it never throws. */
export function parseEntry(line: string): AuditEntry {
  try {
    return { kind: 'record', line, record: readRecord(objectFrom(JSON.parse(line), 'record')) }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof NegotiatorError)) throw error
    return { kind: 'broken', line }
  }
}

function readRecord(fields: Fields): ReadRecord {
  return {
    time: new Date(timeIn(fields)).toISOString(),
    caller: textIn(fields, 'caller'),
    callerUuid: optionalTextIn(fields, 'callerUuid'),
    target: textIn(fields, 'target'),
    targetUuid: optionalTextIn(fields, 'targetUuid'),
    command: textIn(fields, 'command'),
    args: fields['args'] === undefined ? undefined : textListIn(fields, 'args'),
    argsHash: optionalTextIn(fields, 'argsHash'),
    result: textIn(fields, 'result'),
    detail: numberIn(fields, 'code')?.toString() ?? optionalTextIn(fields, 'signal'),
    count: countIn(fields),
    reason: optionalTextIn(fields, 'reason'),
    durationMs: numberIn(fields, 'durationMs'),
  }
}

function timeIn(fields: Fields): number {
  const time = Date.parse(textIn(fields, 'time'))
  if (Number.isNaN(time)) throw new SyntaxError('no time')
  return time
}

function countIn(fields: Fields): number {
  const count = numberIn(fields, 'count')
  return count !== undefined && Number.isSafeInteger(count) && count > 1 ? count : 1
}

function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name]
  return typeof value === 'number' ? value : undefined
}
