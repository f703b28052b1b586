import fc from 'fast-check'
import { test } from 'tap'
import { LineReader } from './line-reader.js'

const lineBytesMax = 20

/** What comes of some bytes, in pieces of these lengths. */
function linesOf(bytes: Buffer, pieceBytes: readonly number[]): readonly string[] {
  const lines: string[] = []
  const reader = new LineReader({
    lineBytesMax,
    line: (body) => lines.push(body.toString('latin1')),
    tooLong: () => lines.push('too long'),
  })
  let at = 0
  for (const byteCount of pieceBytes) {
    reader.push(bytes.subarray(at, at + byteCount))
    at += byteCount
  }
  reader.push(bytes.subarray(at))
  return lines
}

/** Garbage that is full of line ends. */
const noise = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Buffer.from(bytes.map((byte) => 'a\n\rb"{\0'.charCodeAt(byte % 12) || byte)))

test('LineReader finds the same lines however the bytes are cut', (t) => {
  fc.assert(
    fc.property(noise, fc.array(fc.nat({ max: 30 })), (bytes, pieceBytes) => {
      t.same(linesOf(bytes, pieceBytes), linesOf(bytes, []))
      t.same(
        linesOf(
          bytes,
          Array.from(bytes, () => 1),
        ),
        linesOf(bytes, []),
      )
    }),
    { numRuns: 300 },
  )
  t.end()
})

test('LineReader finds every line behind any garbage', (t) => {
  const line = fc.stringMatching(/^[a-z ]{1,20}$/)
  fc.assert(
    fc.property(noise, fc.array(line), fc.constantFrom('\n', '\r\n', '\n\r'), (garbage, lines, end) => {
      const bytes = Buffer.concat([garbage, Buffer.from(`\n${lines.map((text) => text + end).join('')}`)])
      t.same(linesOf(bytes, [garbage.length]).slice(lines.length === 0 ? Infinity : -lines.length), lines)
    }),
    { numRuns: 300 },
  )
  t.end()
})

test('LineReader drops what is longer than a line may be, to the byte', (t) => {
  const [fits, long] = ['x'.repeat(lineBytesMax), 'x'.repeat(lineBytesMax + 1)]
  for (const pieceBytes of [[], [1], [lineBytesMax], [lineBytesMax + 1], [lineBytesMax, 1]])
    t.same(linesOf(Buffer.from(`${fits}\n${long}\nnext\n${long}${long}\n`), pieceBytes), [
      fits,
      'too long',
      'next',
      'too long',
    ])
  t.end()
})
