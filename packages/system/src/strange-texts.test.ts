/**
 * What commands read was written by others: whatever it is, it is read as something, or as nothing.
 */
import { testSeed } from '@negotiator/common/testing'
import fc from 'fast-check'
import { test } from 'tap'
import { parseMounts } from './disks/mounts.js'
import { parseOsRelease } from './identity/os-release.js'
import { parseNumberList } from './load/number-list.js'
import { parseTable } from './memory/read-memory.js'
import { parseApkDatabase } from './software/apk-database.js'
import { parseOffset } from './time/zone-offset.js'
import { parseSessions } from './users/parse-sessions.js'
import { parseUtmp } from './users/utmp.js'

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  parseApkDatabase,
  parseMounts,
  parseNumberList,
  parseOffset,
  parseOsRelease,
  parseSessions,
  parseTable,
}

/** Pieces that mean something to one of them. */
const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\n\n',
    '=',
    ':',
    ' ',
    ' - ',
    '\\040',
    '\\777',
    '"',
    "'",
    'P:',
    'Name=',
    '0-3',
    ',',
    '+0100',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
)

for (const [name, parse] of Object.entries(parsers)) {
  test(`${name}() takes any text`, (t) => {
    const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    const run = fc.property(texts, (text) => void parse(text))
    fc.assert(run, { seed: testSeed(t), numRuns: 1_000 })
    t.end()
  })
}

test('parseUtmp() takes any bytes', (t) => {
  const records = fc
    .tuple(fc.constantFrom(384, 400, 1), fc.nat(3))
    .chain(([size, count]) => fc.uint8Array({ minLength: size * count, maxLength: size * count }))
  const run = fc.property(records, (bytes) => Array.isArray(parseUtmp(Buffer.from(bytes))))
  fc.assert(run, { seed: testSeed(t), numRuns: 500 })
  t.end()
})
