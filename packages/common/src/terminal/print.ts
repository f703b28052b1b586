/**
 * Text for people: tables and sentences, with whatever came from the other side escaped.
 * Floor 8.
 */
import { escapeControl } from '../log.js'
import { safeJson } from '../safe-json.js'
import { outputError } from './deliver.js'
import { exitCodeOfError } from './exit-code.js'

/** Where a program writes. */
export interface Output {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
}

/** The process's own streams; the process ends when one of them takes no more. */
export const processOutput: Output = {
  stdout: (text) => write(process.stdout, text),
  stderr: (text) => write(process.stderr, text),
}

function write(stream: NodeJS.WriteStream, text: string): void {
  if (!stream.listeners('error').includes(leave)) stream.on('error', leave)
  stream.write(text)
}

/** A broken pipe comes as an event, when there is nobody left to tell. */
function leave(cause: Error): void {
  const error = outputError(cause)
  if (error.code !== 'reader-left') process.stderr.write(`${error.message}\n`)
  process.exit(exitCodeOfError(error))
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

/** A value as indented JSON, ended. It is the same value to whoever parses it, and drives no terminal. */
export function json(value: unknown): string {
  return `${safeJson(value, 2)}\n`
}
