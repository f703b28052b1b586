import fc from 'fast-check'
import { test } from 'tap'
import { patternLengthMax, patternStepCountMax } from '../limits.js'
import { testSeed } from '../test-seed.js'
import { compilePattern } from './pattern.js'

function isMatch(source: string, text: string): boolean {
  const pattern = compilePattern(source)
  if ('reason' in pattern) throw new Error(`/${source}/: ${pattern.reason}`)
  return pattern.matches(text)
}

test('matches() wants the whole text', (t) => {
  t.ok(isMatch('[0-9]+', '2026'))
  for (const text of ['', 'x2026', '2026x', '2026\n', '\n2026', '20\n26'])
    t.notOk(isMatch('[0-9]+', text), text)
  t.ok(isMatch('', ''))
  t.notOk(isMatch('', 'a'))
  t.end()
})

test('matches() knows choices, groups, counts, anchors, classes and escapes', (t) => {
  const cases: [source: string, yes: readonly string[], no: readonly string[]][] = [
    ['a|b|', ['a', 'b', ''], ['ab', 'c']],
    ['^a|b$', ['a', 'b'], ['ab', 'xb', 'ax']],
    ['x^a', [], ['xa', 'a']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['a{2,}', ['aa', 'aaaaa'], ['a']],
    ['(?:ab){1,3}?c', ['abc', 'ababc', 'abababc'], ['c', 'ababababc']],
    ['a{0}', [''], ['a']],
    ['(a*)*', ['', 'aaa'], ['b']],
    ['(?<year>\\d{4})-(\\d\\d)', ['2026-11'], ['2026-1', '٢٠٢٦-11']],
    ['a[]', [], ['a', ']', 'a]']],
    ['[^/\\]\\-]+', ['abc'], ['a/b', 'a]', 'a-b']],
    ['.', ['a', '😀'], ['\n', '', 'ab']],
    ['\\p{L}+', ['Überlingen', '東京'], ['a1']],
    ['\\u{1F600}\\uD83D\\uDE00\\x41\\t', ['😀😀A\t'], ['😀A\t']],
    ['[[(|*]\\.\\/\\^', ['[./^', '|./^'], ['x./^']],
  ]
  for (const [source, yes, no] of cases) {
    for (const text of yes) t.ok(isMatch(source, text), `/${source}/ ${JSON.stringify(text)}`)
    for (const text of no) t.notOk(isMatch(source, text), `not /${source}/ ${JSON.stringify(text)}`)
  }
  t.end()
})

test('matches() is done soon with what keeps other matchers busy for hours', (t) => {
  const text = `${'a'.repeat(4095)}!`
  for (const source of ['(a+)+', '(a|a)*', '(a*)*b', '(?:a?){300}a*', 'a*a*a*a*a*b', '(.*,){50}x']) {
    const startedMs = performance.now()
    t.notOk(isMatch(source, text), source)
    t.ok(performance.now() - startedMs < 3_000, source)
  }
  t.end()
})

test('compilePattern() says what is wrong', (t) => {
  const kinds = 'lookaround, "\\b", "\\B", references and flags cannot be used in it'
  const steps = `with its repetitions it has more than ${patternStepCountMax} steps`
  const cases: [source: string, reason: string][] = [
    ['(a', 'it is no regular expression: Unterminated group'],
    ['a)', "it is no regular expression: Unmatched ')'"],
    ['a)|(b', "it is no regular expression: Unmatched ')'"],
    ['[z-a]', 'it is no regular expression: Range out of order in character class'],
    ['*', 'it is no regular expression: Nothing to repeat'],
    [': \\-', 'it is no regular expression: Invalid escape'],
    ['a{2', 'it is no regular expression: Incomplete quantifier'],
    ['(?=a)a', kinds],
    ['(?<!a)b', kinds],
    ['\\bword\\b', kinds],
    ['(a)\\1', kinds],
    ['(?<x>a)\\k<x>', kinds],
    ['a{1025}', steps],
    ['(?:a{100}){100}', steps],
    ['(?:){99999999999999999999}', steps],
    ['a'.repeat(patternLengthMax + 1), `it is longer than ${patternLengthMax} characters`],
  ]
  for (const [source, reason] of cases) t.same(compilePattern(source), { reason }, source.slice(0, 40))
  t.end()
})

/** Sources of all that can be used, over so few letters that many texts match. */
const sources = fc.letrec<{ choice: string; sequence: string; term: string }>((tie) => ({
  choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
  sequence: fc.array(tie('term'), { maxLength: 4 }).map((parts) => parts.join('')),
  term: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\u{61}', '^', '$'),
    fc
      .tuple(
        fc.oneof(
          fc.constantFrom('a', 'b', '.'),
          tie('choice').map((choice) => `(?:${choice})`),
        ),
        fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?'),
      )
      .map((parts) => parts.join('')),
  ),
})).choice

test("matches() agrees with JavaScript's own matcher", (t) => {
  const seed = testSeed(t)
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '\n'), maxLength: 6 })
  const run = fc.property(sources, fc.array(texts, { minLength: 5, maxLength: 5 }), (source, some) => {
    const pattern = compilePattern(source)
    if ('reason' in pattern) return pattern.reason.startsWith('with its repetitions')
    const own = new RegExp(`^(?:${source})$`, 'u')
    return some.every((text) => pattern.matches(text) === own.test(text))
  })
  fc.assert(run, { seed, numRuns: 2_000 })
  t.end()
})

test('compilePattern() makes a pattern or gives a reason, whatever the text', (t) => {
  const seed = testSeed(t)
  const unit = fc.oneof(
    fc.constantFrom(...Array.from('ab\\(?:)[]{}1,*+|^$<>pukbB-')),
    fc.string({ unit: 'binary', maxLength: 1 }),
  )
  const run = fc.property(fc.string({ unit, maxLength: 12 }), (source) => {
    const pattern = compilePattern(source)
    return 'reason' in pattern || typeof pattern.matches('ab') === 'boolean'
  })
  fc.assert(run, { seed, numRuns: 5_000 })
  t.end()
})
