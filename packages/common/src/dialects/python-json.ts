/**
 * JSON as Python's own writer makes it.
 * Floor 6. Pure. Blanks stand where Python puts them, for there are peers that compare bytes, or cut a text at its quotes.
 */
import { asciiJson } from '../wire/ascii-json.js'

/** A value that JSON has, objects with their keys in order. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** A value as JSON in ASCII, with a blank behind each comma and colon. */
export function pythonJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => pythonJson(item)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return asciiJson(value)
  const fields = Object.entries(value).map(([key, field]) => `${asciiJson(key)}: ${pythonJson(field)}`)
  return `{${fields.join(', ')}}`
}
