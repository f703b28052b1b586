import fc from 'fast-check'
import { test } from 'tap'
import { formatDuration, parseByteCount, parseDurationMs } from './quantities.js'
import { testSeed } from './test-seed.js'

test('parseDurationMs() takes a whole number and a unit', (t) => {
  const cases: [text: string, milliseconds: number][] = [
    ['1ms', 1],
    ['500ms', 500],
    ['30s', 30_000],
    ['030s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['168h', 604_800_000],
  ]
  for (const [text, milliseconds] of cases) t.equal(parseDurationMs(text), milliseconds, text)
  t.end()
})

test('parseDurationMs() refuses nothing at all, more than a week, and every other spelling', (t) => {
  const others = ['', '0s', '0', '30', 's', '169h', '604801s', '-1s', '+1s', '1.5s', '1e3s', '0x1s', ' 1s']
  for (const text of [...others, '1s ', '1s\n', '1 s', '1S', '1sec', '1d', '1m30s', '٣s', '9'.repeat(40)]) {
    t.equal(parseDurationMs(text), undefined, JSON.stringify(text))
  }
  t.end()
})

test('formatDuration() tells the size of a duration', (t) => {
  const cases: [milliseconds: number, text: string][] = [
    [0, '0 ms'],
    [19.6, '20 ms'],
    [999, '999 ms'],
    [1_500, '1.5 s'],
    [29_987, '30 s'],
    [3_600_000, '3600 s'],
  ]
  for (const [milliseconds, text] of cases) t.equal(formatDuration(milliseconds), text)
  t.end()
})

test('parseByteCount() takes a whole number and a unit', (t) => {
  const cases: [text: string, bytes: number][] = [
    ['1B', 1],
    ['64KiB', 65_536],
    ['10MiB', 10_485_760],
    ['2GiB', 2_147_483_648],
    ['1TiB', 1_099_511_627_776],
    ['8191TiB', 9_006_099_743_113_216],
    ['9007199254740991B', Number.MAX_SAFE_INTEGER],
  ]
  for (const [text, bytes] of cases) t.equal(parseByteCount(text), bytes, text)
  t.end()
})

test('parseByteCount() refuses nothing at all, what no number can hold, and every other spelling', (t) => {
  const others = ['', '0B', '0MiB', '10', 'MiB', '10MB', '10M', '10k', '10 MiB', '10mib', '1.5MiB', '-1B']
  for (const text of [...others, '9007199254740992B', '8192TiB', '99999999999999999B', '1B\n']) {
    t.equal(parseByteCount(text), undefined, JSON.stringify(text))
  }
  t.end()
})

test('a quantity is a whole number above 0 or none, whatever the text', (t) => {
  const seed = testSeed(t)
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[0-9]{0,20}(ms|s|m|h|B|KiB|MiB|GiB|TiB)?$/),
  )
  const isSound = (value: number | undefined): boolean =>
    value === undefined || (Number.isSafeInteger(value) && value > 0)
  fc.assert(
    fc.property(texts, (text) => isSound(parseDurationMs(text)) && isSound(parseByteCount(text))),
    { seed },
  )
  t.end()
})
