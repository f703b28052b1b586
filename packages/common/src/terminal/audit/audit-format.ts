/**
 * An entry of the audit log as a line for people, or for programs.
 * Floor 8. Pure. Whatever is in the file, a line stays one line, drives no terminal and forges no column.
 */
import { auditArguments } from '../../call/audit-arguments.js'
import { escapeControl } from '../../log.js'
import type { AuditEntry, ReadRecord } from './audit-entry.js'

/** Makes an entry's line, ended. */
export type FormatEntry = (entry: AuditEntry) => string

const columnWidths = [24, 14, 14, 28, 18, 9]

/** What stands above the lines for people. */
export const heading: string = columns([
  'TIME',
  'CALLER',
  'TARGET',
  'COMMAND',
  'RESULT',
  'DURATION',
  'REASON',
])

/** For people: columns that are wider where they must be, for what comes later is not known yet. */
export function peopleLine(entry: AuditEntry): string {
  if (entry.kind === 'broken') return `(not a record: ${word(shortened(entry.line))})\n`
  const { time, caller, target, durationMs, reason = '' } = entry.record
  return columns([
    time,
    word(caller),
    word(target),
    commandLine(entry.record),
    resultText(entry.record),
    durationMs === undefined ? '-' : duration(durationMs),
    escapeControl(reason),
  ])
}

/** For programs: each line is JSON, also where the file's own is not. */
export function jsonLine(entry: AuditEntry): string {
  const line = entry.kind === 'record' ? entry.line : JSON.stringify({ broken: entry.line })
  return `${inertJson(line)}\n`
}

const hashOfNone = auditArguments({ args: [], detail: 'hash', secretArgs: [] }).argsHash
const shownHashLength = 8

function commandLine({ command, args, argsHash }: ReadRecord): string {
  if (args !== undefined) return shortened([command, ...args].map(word).join(' '))
  if (argsHash === undefined || argsHash === hashOfNone) return word(command)
  return `${word(command)} [arguments ${word(argsHash.slice(0, shownHashLength))}]`
}

function resultText({ result, detail, count }: ReadRecord): string {
  const words = [result, detail ?? []].flat().map(word)
  return [...words, count === 1 ? [] : `(x ${count})`].flat().join(' ')
}

/** A name with blanks in it could look like two columns, so it stands in quotes. */
function word(text: string): string {
  return /^[\w@%+=:,./*-]+$/.test(text) ? text : escapeControl(JSON.stringify(text))
}

const shownLengthMax = 300

function shortened(text: string): string {
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function columns(cells: readonly string[]): string {
  const padded = cells.map((cell, column) => cell.padEnd(columnWidths[column] ?? 0))
  return `${padded.join('  ').trimEnd()}\n`
}

/** Outside its texts JSON has tabs and carriage returns for blanks; within them any character may be written as `\uXXXX`. */
function inertJson(line: string): string {
  return (
    line
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      .replace(/[\u0000-\u001f]/g, ' ')
      .replace(
        /[\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
  )
}
