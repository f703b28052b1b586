import assert from 'node:assert/strict'
import { test } from 'tap'
import fc from 'fast-check'
import { testSeed } from '@negotiator/common/testing'
import { parseSxp } from './parse-sxp.js'
import type { Sxp } from './parse-sxp.js'

test('parseSxp() reads lists, bare and quoted atoms, and comments', (t) => {
  t.same(
    parseSxp(
      `# written by hand\n(domain (name web1) # its name\n (features ) (root '/dev/xvda1 ro') (a#b "c d"))`,
    ),
    ['domain', ['name', 'web1'], ['features'], ['root', '/dev/xvda1 ro'], ['a#b', 'c d']],
  )
  t.end()
})

test('parseSxp() reads every escape, and evaluates none', (t) => {
  t.same(parseSxp(String.raw`("\a\b\t\n\v\f\r\\\'\"" '\101\x42\7' "__import__('os')")`), [
    '\u0007\b\t\n\v\f\r\\\'"',
    'AB\u0007',
    "__import__('os')",
  ])
  t.end()
})

const faults: readonly (readonly [text: string, line: number, reason: string])[] = [
  ['', 1, 'wanted a list in parentheses'],
  ['domain', 1, 'wanted a list in parentheses'],
  ['\n(a\n(b)', 2, 'this list is never closed'],
  ['(a "b\nc', 1, 'this text is never closed'],
  ['(a)\n)', 2, 'a ")" closes nothing'],
  ['(a) (b)', 1, 'there is more behind the list'],
  [String.raw`("\q")`, 1, String.raw`"\q" stands for nothing`],
  [String.raw`("\xg")`, 1, String.raw`"\x" stands for nothing`],
  ['("\\', 1, '"\\" stands for nothing'],
  ['('.repeat(100), 1, 'lists are nested deeper than 64 levels'],
]
for (const [text, line, reason] of faults)
  test(`parseSxp() refuses ${JSON.stringify(text.slice(0, 12))}`, (t) => {
    t.throws(() => parseSxp(text), { message: reason, line })
    t.end()
  })

test('parseSxp() reads what is written with quotes, whatever it is', (t) => {
  const seed = testSeed(t)
  const { value } = fc.letrec<{ value: Sxp }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.string({ unit: 'binary' }), fc.array(tie('value'), { maxLength: 4 })),
  }))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (list) => {
      assert.deepEqual(parseSxp(written(list)), list)
    }),
    { seed, numRuns: 50 },
  )
  t.end()
})

function written(value: Sxp): string {
  if (typeof value !== 'string') return `(${value.map(written).join(' ')})`
  return `"${value.replace(/["\\]/g, String.raw`\$&`)}"`
}
