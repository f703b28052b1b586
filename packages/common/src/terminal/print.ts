/**
 * Text for people: tables and sentences, with whatever came from the other side escaped.
 * Floor 8.
 */
import { escapeControl } from '../log.js'

/** Where a program writes. */
export interface Output {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
}

/** The process's own streams. */
export const processOutput: Output = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
}

/**
 * Rows as columns, the first row being the heading.
 * @returns lines, each ended; columns are as wide as their widest cell and two blanks apart
 */
export function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(escapeControl))
  const widths = (safe[0] ?? []).map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return safe.map((row) => `${line(row).trimEnd()}\n`).join('')
}

/** A value as indented JSON, ended. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
