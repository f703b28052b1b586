/**
 * Which records a reader wants to see.
 * Floor 8. Pure.
 */
import { UsageError } from '../../errors.js'
import { didYouMean } from '../../nearest.js'
import type { Result } from '../../wire/result.js'
import type { AuditEntry } from './audit-entry.js'

/** Each that is given must fit. */
export interface AuditFilter {
  /** A name or a uuid. */
  readonly caller?: string | undefined
  /** A name or a uuid. */
  readonly target?: string | undefined
  readonly command?: string | undefined
  /** A result's kind. */
  readonly result?: string | undefined
  /** In milliseconds since 1970. */
  readonly sinceMs?: number | undefined
}

/** Whether an entry is wanted. What is no record has none of these, so it is wanted only where nothing is asked for. */
export function isWanted(entry: AuditEntry, filter: AuditFilter): boolean {
  const { caller, target, command, result, sinceMs } = filter
  if (entry.kind === 'broken') return Object.values(filter).every((wanted) => wanted === undefined)
  const { record } = entry
  return (
    (caller === undefined || caller === record.caller || caller === record.callerUuid) &&
    (target === undefined || target === record.target || target === record.targetUuid) &&
    (command === undefined || command === record.command) &&
    (result === undefined || result === record.result) &&
    (sinceMs === undefined || Date.parse(record.time) >= sinceMs)
  )
}

const resultKinds: Readonly<Record<Result['kind'], true>> = {
  exited: true,
  signalled: true,
  'failed-to-start': true,
  denied: true,
  'unknown-command': true,
  'timed-out': true,
  cancelled: true,
  busy: true,
  lost: true,
  unreachable: true,
}

/** @returns the kind of a result @throws {UsageError} `bad-option` */
export function resultOption(text: string): string {
  const kinds = Object.keys(resultKinds)
  if (kinds.includes(text)) return text
  const hint = didYouMean(text, kinds) || `; there are ${kinds.join(', ')}`
  throw new UsageError(`Cannot look for the result "${text}": there is no such kind${hint}`, {
    code: 'bad-option',
  })
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const day = String.raw`\d{4}-\d\d-\d\d`
const timeOfDay = String.raw`\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?`
const timePattern = new RegExp(`^(${day})(?:[T ](${timeOfDay}))?$`)

/**
 * Reads a point in time: how long ago, or a date, in this machine's zone unless it names one.
 * @param text `30m`, `2026-11-21`, `2026-11-21 09:30` or as the log has it
 * @returns milliseconds since 1970
 * @throws {UsageError} `bad-option`
 */
export function sinceOption(text: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return nowMs - Number(count) * (unitMs[unit] ?? 0)
  const [, date, time = '00:00'] = timePattern.exec(text) ?? []
  const sinceMs = date === undefined ? Number.NaN : Date.parse(`${date}T${time}`)
  if (!Number.isNaN(sinceMs)) return sinceMs
  throw new UsageError(
    `Cannot use "${text}" as a time: wanted how long ago, e.g. 30m, 2h or 7d, or a date, e.g. 2026-11-21 or "2026-11-21 09:30"`,
    { code: 'bad-option' },
  )
}

/** @returns a number of lines @throws {UsageError} `bad-option` */
export function countOption(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new UsageError(`Cannot use "${text}" as a number of lines: wanted a whole number up to 999999`, {
    code: 'bad-option',
  })
}
