/**
 * JSON in ASCII, as Python's own writer makes it, so that bytes and characters are the same number.
 * Floor 2. Pure.
 */

/** The first character that Python escapes. */
const escapedFrom = 0x7f

/** `\uXXXX` has so many bytes. */
const escapeBytes = 6

const hexDigits = Buffer.from('0123456789abcdef')

/** A value as JSON in which every character outside printable ASCII is written `\uXXXX`. */
export function asciiJson(value: unknown): string {
  const json = JSON.stringify(value)
  const escapedCount = json.length - json.replace(/[\u007f-\uffff]+/g, '').length
  if (escapedCount === 0) return json
  const bytes = Buffer.allocUnsafe(json.length + escapedCount * (escapeBytes - 1))
  let end = 0
  for (let at = 0; at < json.length; at += 1) end = writeAscii(bytes, { code: json.charCodeAt(at), at: end })
  return bytes.toString('latin1')
}

/** By hand: replacing by a pattern takes seconds for some megabytes in another script, and a daemon stands still meanwhile. */
function writeAscii(bytes: Buffer, { code, at }: { code: number; at: number }): number {
  if (code < escapedFrom) {
    bytes[at] = code
    return at + 1
  }
  bytes[at] = 0x5c
  bytes[at + 1] = 0x75
  for (let digit = 0; digit < 4; digit += 1) {
    bytes[at + 2 + digit] = hexDigits[(code >> (12 - 4 * digit)) & 0xf] ?? 0
  }
  return at + escapeBytes
}
