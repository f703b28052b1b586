/**
 * Output without the blanks at its end, as Python's str.rstrip takes them away.
 * Floor 8. Pure.
 */

/** What Python calls a space. JavaScript's own \s lacks U+001C to U+001F and U+0085, and has U+FEFF. */
const blanks =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a' +
  '\u2028\u2029\u202f\u205f\u3000'

/** Takes blanks off the end; bytes that are no UTF-8 stay as they are. */
export function stripEnd(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0) {
    const start = startOfLast(bytes, end)
    if (!blanks.includes(bytes.toString('utf8', start, end))) break
    end = start
  }
  return bytes.subarray(0, end)
}

/** Where the last character begins; no blank has more than three bytes. */
function startOfLast(bytes: Buffer, end: number): number {
  let start = end - 1
  while (start > 0 && end - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1
  return start
}
