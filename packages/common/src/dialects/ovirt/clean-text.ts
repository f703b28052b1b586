/**
 * Text as oVirt can show it: what XML 1.1 forbids or restricts becomes U+FFFD, as VDSM itself would make it.
 * Floor 6. Pure. It works on values, not on JSON: `\u0007` in JSON is no control character before it is decoded.
 */
import type { JsonValue } from '../python-json.js'

/** With the flag `u`, Cs stands for halves of a pair that are alone. @see https://www.w3.org/TR/xml11/#charsets */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff\p{Cs}]/gu

/** A text without forbidden characters. */
export function cleanText(text: string): string {
  return text.replace(forbidden, '\ufffd')
}

/** The same value, each text and each name of a field cleaned. */
export function cleanJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map((item: JsonValue) => cleanJson(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [cleanText(key), cleanJson(field)]))
}
