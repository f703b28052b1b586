/**
 * oVirt's messages: one JSON object a line, whose `__name__` says what it is.
 * Floor 6. Pure. Written as the Python of its agents writes it, for there may be peers that compare bytes.
 */
import { ovirtDepthMax } from './ovirt-limits.js'
import { pythonJson } from '../python-json.js'
import type { JsonValue } from '../python-json.js'
import { cleanJson } from './clean-text.js'

/** What a message says beside its name. */
export type MessageFields = Readonly<Record<string, JsonValue>>

/** A line, read. */
export type ReadLine =
  | { readonly kind: 'message'; readonly name: string; readonly fields: MessageFields }
  /** `reason` goes on after "because ..."; nothing of the line is in it. */
  | { readonly kind: 'garbage'; readonly reason: string }

/** A message without its line feed; nothing in it that an oVirt host or a screen could trip over. */
export function encodeMessage(name: string, fields: MessageFields = {}): Buffer {
  return Buffer.from(pythonJson(cleanJson({ __name__: name, ...fields })), 'latin1')
}

/** Reads a line without its end; what is no UTF-8 becomes U+FFFD. */
export function readMessage(line: Buffer): ReadLine {
  const value = parsed(line)
  if (value === undefined) return { kind: 'garbage', reason: 'it is not JSON' }
  if (!isObject(value)) return { kind: 'garbage', reason: 'it is no JSON object' }
  if (!isShallow(value, ovirtDepthMax)) return { kind: 'garbage', reason: 'it is nested too deeply' }
  const { __name__: name, ...fields } = value
  if (typeof name !== 'string') return { kind: 'garbage', reason: 'its "__name__" is no text' }
  return { kind: 'message', name, fields }
}

function parsed(line: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(line.toString()) as JsonValue // What it gives is JSON.
  } catch {
    return undefined // Whoever gets it tells that it was garbage.
  }
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The parser takes any depth; what writes a value again would run out of stack. */
function isShallow(value: JsonValue, levelsLeft: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levelsLeft > 0 && Object.values(value).every((field) => isShallow(field, levelsLeft - 1))
}
