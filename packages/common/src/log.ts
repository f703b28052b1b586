/**
 * The log: text on a terminal, JSON lines otherwise, always to standard error.
 * Floor 0. What came from the other side is escaped before it is shown.
 */

import { safeJson } from './safe-json.js'

/** How much a line matters. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** Facts beside the sentence. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Where log lines go. */
export interface Log {
  error(sentence: string, fields?: LogFields): void
  warn(sentence: string, fields?: LogFields): void
  info(sentence: string, fields?: LogFields): void
  debug(sentence: string, fields?: LogFields): void
}

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug']

interface LogOptions {
  readonly level: LogLevel
  readonly format: 'text' | 'json'
  readonly write: (line: string) => void
}

/**
 * Makes a log.
 * @param options the least important `level` shown, the `format`, and `write`, which takes one finished line
 */
export function createLog({ level, format, write }: LogOptions): Log {
  const shown = levels.indexOf(level)
  const at =
    (lineLevel: LogLevel) =>
    (sentence: string, fields: LogFields = {}): void => {
      if (levels.indexOf(lineLevel) > shown) return
      write(format === 'json' ? jsonLine(lineLevel, sentence, fields) : textLine(lineLevel, sentence, fields))
    }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}

/** A log that says nothing. */
export const silentLog: Log = createLog({ level: 'error', format: 'text', write: () => undefined })

function jsonLine(level: LogLevel, message: string, fields: LogFields): string {
  return `${safeJson({ time: new Date().toISOString(), level, message, ...fields })}\n`
}

function textLine(level: LogLevel, sentence: string, fields: LogFields): string {
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        ` ${name}=${typeof value === 'string' ? JSON.stringify(escapeControl(value)) : value}`,
    )
  return `${level.padEnd(5)} ${escapeControl(sentence)}${facts.join('')}\n`
}

/**
 * Makes text from the other side safe to show: control characters, which could drive a terminal or forge a
 * log line, become `\xNN`.
 */
export function escapeControl(text: string): string {
  // The C0 and C1 control characters, DEL, and the characters that reorder text on a screen.
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
