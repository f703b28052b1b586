import { crc32 } from 'node:zlib'
import { test } from 'tap'
import { classicBlockBytes, openingBytesMax } from '../limits.js'
import { decode } from './decoded.js'
import { openingMarker } from './frame.js'
import { decodeOpening, encodeOpening, openingHeadBytes, openingLength } from './hello.js'
import type { Hello } from './hello.js'

const hello: Hello = {
  versions: { min: 1, max: 1 },
  side: 'host',
  epoch: '0123456789abcdef',
  bootId: '',
  instance: '89ab',
  features: [],
  agent: '0.1.0',
  name: 'alpha',
}

/** The opening from its marker on without its blanks, its checksum made right for `change`. */
function openingWith(change: (json: string) => string): Buffer {
  const opening = encodeOpening(hello)
  const json = change(opening.subarray(opening.indexOf('{')).toString().replace(/ +\}$/, '}'))
  const rest = Buffer.from(json.slice(openingHeadBytes))
  const length = String(openingHeadBytes + rest.length).padStart(5, '0')
  const head = `${openingMarker.toString()}${length}", "crc32": "${crc32(rest).toString(16).padStart(8, '0')}`
  return Buffer.concat([Buffer.from(head), rest])
}

test('encodeOpening() writes a well-formed python-negotiator request', (t) => {
  const [, count = '', json = ''] =
    /^( \d+)\n(.*)$/s.exec(encodeOpening({ ...hello, name: 'büro-☕-😀' }).toString()) ?? []
  t.equal(
    Number(count),
    Buffer.byteLength(json),
    'the count line tells the bytes of the JSON, no less and no more',
  )
  t.notMatch(json, /[^\x20-\x7e]/, 'as Python writes it, in ASCII')
  t.match(JSON.parse(json), {
    method: 'negotiator-open',
    args: [],
    kw: {},
    hello: { epoch: '0123456789abcdef', name: 'büro-☕-😀' },
  })
  t.end()
})

test('encodeOpening() fills a whole block, whatever the hello says', (t) => {
  for (const name of ['', 'alpha', 'x'.repeat(255), '☕'.repeat(255)])
    t.equal(encodeOpening({ ...hello, name }).length, classicBlockBytes)
  t.end()
})

test('encodeOpening() parts its count from a digit that stands before it', (t) => {
  t.match(encodeOpening(hello).toString('latin1', 0, 2), /^ \d$/)
  t.end()
})

test('decodeOpening() gives back what encodeOpening() wrote, names in any script', (t) => {
  for (const name of [
    'alpha',
    '',
    'büro-☕-😀',
    '\u0000\u007f',
    '"method": "negotiator-open"',
    openingMarker.toString(),
  ]) {
    const { openings, badOpenings, pendingBytes } = decode(encodeOpening({ ...hello, name }))
    t.same(openings, [{ ...hello, name }])
    t.equal(badOpenings.length + pendingBytes, 0)
  }
  t.end()
})

test('decodeOpening() reads an opening from the future', (t) => {
  const future = openingWith((json) =>
    json.replace('"kw": {}', '"kw": {}, "later": [1]').replace('"max":1', '"max":9,"best":8'),
  )
  t.same(decodeOpening(future), { ...hello, versions: { min: 1, max: 9 } })
  t.end()
})

test('decodeOpening() says what it cannot read in an opening that is whole', (t) => {
  const cases: readonly (readonly [Buffer, string])[] = [
    [openingWith((json) => json.slice(0, -1)), 'Cannot read an opening: it is not JSON'],
    [
      openingWith((json) => json.replace('"hello"', '"hullo"')),
      'Cannot read a message: "hello" is not an object',
    ],
    [
      openingWith((json) => json.replace('"host"', '"up"')),
      'Cannot read a hello: its side is neither host, guest nor program',
    ],
  ]
  for (const [bytes, message] of cases) {
    t.throws(() => decodeOpening(bytes), { name: 'PeerError', message })
    const { badOpenings, skippedBytes, pendingBytes } = decode(bytes)
    t.match(badOpenings, [{ message }])
    t.equal(skippedBytes + pendingBytes, 0)
  }
  t.end()
})

test('Decoder drops an opening with any byte damaged, and finds the next', (t) => {
  const opening = encodeOpening(hello)
  const next = encodeOpening({ ...hello, epoch: 'fedcba9876543210' })
  for (let at = opening.indexOf('{'); at < opening.length; at += 1) {
    const damaged = Buffer.from(opening)
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x01, at)
    const { openings, badOpenings } = decode(damaged, next)
    t.same([openings.map(({ epoch }) => epoch), badOpenings.length], [['fedcba9876543210'], 0], `byte ${at}`)
  }
  t.end()
})

test('openingLength() refuses a length that no opening has', (t) => {
  const announcing = (digits: string): Buffer =>
    Buffer.concat([openingMarker, Buffer.from(`${digits}", "crc32": "00000000`)])
  t.equal(openingLength(announcing(String(openingBytesMax).padStart(5, '0'))), openingBytesMax)
  t.equal(openingLength(announcing(String(openingBytesMax + 1).padStart(5, '0'))), undefined)
  t.equal(openingLength(announcing(String(openingHeadBytes).padStart(5, '0'))), undefined)
  for (const digits of ['00000', '99999', '  312', '-0312', '0x312', '312", ']) {
    t.equal(openingLength(announcing(digits)), undefined, digits)
  }
  t.end()
})

test('Decoder takes an opening one byte over the limit for garbage', (t) => {
  const tooLong = openingWith((json) =>
    json.replace('"kw": {}', `"kw": {}, "later": "${'x'.repeat(openingBytesMax)}"`),
  )
  const { openings, badOpenings, skippedBytes, pendingBytes } = decode(tooLong, encodeOpening(hello))
  t.equal(openings.length, 1)
  t.equal(badOpenings.length, 0)
  t.ok(skippedBytes >= tooLong.length)
  t.equal(pendingBytes, 0)
  t.end()
})
