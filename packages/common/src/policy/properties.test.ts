import fc from 'fast-check'
import { test } from 'tap'
import { escapeControl } from '../log.js'
import { testSeed } from '../test-seed.js'
import type { Caller, Target } from './caller.js'
import { decide, mayEverCall } from './decide.js'
import { matchesGlob } from './glob.js'
import type { Glob, GlobPiece } from './glob.js'
import { parsePolicy } from './parse.js'
import { alice, guest, host, nameless, program, rulesOf, self, webUuid } from './test-policy.js'
import { readWord, writeWord } from './word.js'

/** What `*` and `?` mean, as a regular expression: slow for what a guest sends, and beyond doubt. */
function globByRegExp(glob: Glob): RegExp {
  const parts = glob.map((piece) => {
    if (piece.kind === 'text')
      return piece.text.replaceAll(/[^a-zA-Z0-9]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)
    return piece.kind === 'run' ? '[^]*' : '[^]'
  })
  return new RegExp(`^${parts.join('')}$`, 'u')
}

const letter = fc.constantFrom('a', 'b', '-', '\n', '😀', '.')
const word = fc.string({ unit: letter, maxLength: 6 })
const piece: fc.Arbitrary<GlobPiece> = fc.oneof(
  fc.constant({ kind: 'run' } as const),
  fc.constant({ kind: 'one' } as const),
  fc.record({
    kind: fc.constant('text' as const),
    text: fc.string({ unit: letter, minLength: 1, maxLength: 3 }),
  }),
)

test('matchesGlob() agrees with a regular expression', (t) => {
  const glob = fc.array(piece, { maxLength: 7 })
  const text = fc.string({ unit: letter, maxLength: 12 })
  fc.assert(
    fc.property(
      glob,
      text,
      (pattern, given) => matchesGlob(pattern, given) === globByRegExp(pattern).test(given),
    ),
    { seed: testSeed(t), numRuns: 5_000 },
  )
  t.end()
})

test('matchesGlob() is not slow, whatever the pattern', (t) => {
  const glob = readWord({ text: `${'*a'.repeat(500)}*b`, at: 0 })
  const startedMs = performance.now()
  t.equal(matchesGlob(glob, 'a'.repeat(8_000)), false)
  t.equal(matchesGlob(readWord({ text: `*${'?a'.repeat(500)}b`, at: 0 }), 'a'.repeat(8_000)), false)
  t.ok(
    performance.now() - startedMs < 5_000,
    'a regular expression would need longer than the universe is old',
  )
  t.end()
})

test('readWord() reads what writeWord() wrote as that text', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((given) => !/[\0\p{Cs}]/u.test(given))
  fc.assert(
    fc.property(text, (given) => {
      const written = writeWord(given)
      const glob = readWord({ text: written, at: 0 })
      return (
        !/[ \t\r\n#]/.test(written) && glob.every((part) => part.kind === 'text') && matchesGlob(glob, given)
      )
    }),
    { seed: testSeed(t), numRuns: 2_000 },
  )
  t.end()
})

/** Pieces that a policy is made of, so that random texts come near to good ones. */
const scrap = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom(
    ...[
      '*',
      '?',
      '+',
      '@none',
      '+@rest',
      '@host',
      '@self',
      '@anyguest',
      '@',
      'uuid:',
      `uuid:${webUuid}`,
      'user:',
    ],
    ...[
      'group:#',
      '#',
      '%',
      '%2',
      '%FF',
      '%00',
      '%C3%A9',
      'allow',
      'deny',
      'timeout=',
      '30s',
      'rate=1/s',
      '=',
      ':',
    ],
    ...['target=', 'audit=full', 'web1', ' ', '\t', '\n', '\r\n', '\r', '\ufeff', '\u202e', '😀', '\ud800'],
  ),
)
const anyText = fc.array(scrap, { maxLength: 40 }).map((scraps) => scraps.join(''))
const anyRule = fc
  .tuple(fc.array(scrap, { minLength: 5, maxLength: 7 }), fc.constantFrom('\n', '\r\n'))
  .map(([columns, end]) => `${columns.join(' ')}${end}`)

test('parsePolicy() never throws, and gives each problem a place', (t) => {
  fc.assert(
    fc.property(fc.oneof(anyText, anyRule), (text) => {
      const { problems } = parsePolicy([{ file: 'a.policy', path: 'a.policy', text }])
      const lines = text.split('\n')
      for (const { line, column, message, fix } of problems) {
        const length = lines[line - 1]?.length ?? -1
        if (line < 1 || column < 1 || column > length + 1 || fix === '' || !message.endsWith(fix))
          return false
      }
      return true
    }),
    { seed: testSeed(t), numRuns: 5_000 },
  )
  t.end()
})

const wordPattern = fc.oneof(word.map(writeWord), fc.constantFrom('*', '?', 'a*', '*b', '-*', '', 'a?'))
const rule = fc.record({
  command: fc.constantFrom('*', 'a', 'b', 'a*', '?'),
  argument: fc.oneof(
    fc.constantFrom('*', '@none', '+@rest'),
    fc
      .tuple(fc.array(wordPattern, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([words, hasRest]) => `+${words.join('+')}${hasRest ? '+@rest' : ''}`),
  ),
  caller: fc.constantFrom(
    '*',
    '@host',
    '@self',
    '@anyguest',
    'web*',
    '%40host',
    `uuid:${webUuid}`,
    'user:alice',
    'user:#2000',
    'group:wheel',
  ),
  target: fc.constantFrom('*', '@host', '@self', '@anyguest', 'web1', `uuid:${webUuid}`),
  action: fc.constantFrom('allow', 'deny'),
})
type RuleText = typeof rule extends fc.Arbitrary<infer T> ? T : never
const question = fc.record({
  caller: fc.constantFrom<Caller>(
    host,
    program,
    alice,
    nameless,
    guest('web1'),
    guest('x', webUuid),
    guest('@host'),
  ),
  target: fc.constantFrom<Target>(self, host, guest('web1'), guest('y', webUuid)),
  command: fc.constantFrom('a', 'b', 'ab', 'c'),
  args: fc.array(fc.oneof(word, fc.constantFrom('', '-', '-a', 'ab')), { maxLength: 3 }),
})
const side = fc.constantFrom('host' as const, 'guest' as const)

function lineOf({ command, argument, caller, target, action }: RuleText): string {
  return [command, argument, caller, target, action].join(' ')
}

test('parsePolicy() reads each rule that is written as it was meant', (t) => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 10 }),
      fc.constantFrom('\n', '\r\n', '\n\n# x\n'),
      (written, end) => {
        const text = written.map(lineOf).join(end)
        const { rules, problems } = parsePolicy([{ file: 'a', path: 'a', text }])
        const read = rules.map(({ rule: { command, argument, caller, target, action } }) => {
          return { command, argument, caller, target, action }
        })
        return problems.length === 0 && JSON.stringify(read) === JSON.stringify(written)
      },
    ),
    { seed: testSeed(t), numRuns: 1_000 },
  )
  t.end()
})

test('decide() gives what the first rule gives that matches alone', (t) => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), question, side, (written, asked, asker) => {
      const lines = written.map(lineOf)
      const found = lines.findIndex((line) => decide(rulesOf([line]), asked, asker).rule !== undefined)
      const decision = decide(rulesOf(lines), asked, asker)
      const line = decision.rule?.place.line
      return found < 0
        ? line === undefined && decision.kind === 'deny'
        : line === found + 1 && decision.kind === written[found]?.action
    }),
    { seed: testSeed(t), numRuns: 2_000 },
  )
  t.end()
})

test('decide() gives a reason for each refusal, and nothing of the peer in it can drive a terminal', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 12 })
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 3 }),
      fc.tuple(text, text),
      side,
      (written, [name, command], asker) => {
        const asked = { caller: guest(name), target: self, command, args: [name] }
        const decision = decide(rulesOf(written.map(lineOf)), asked, asker)
        if (decision.kind === 'allow') return true
        return (
          /^(?:rule|no rule) /.test(decision.reason) && escapeControl(decision.reason) === decision.reason
        )
      },
    ),
    { seed: testSeed(t), numRuns: 2_000 },
  )
  t.end()
})

test('mayEverCall() never hides what is allowed', (t) => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), question, side, (written, asked, asker) => {
      const rules = rulesOf(written.map(lineOf))
      return decide(rules, asked, asker).kind === 'deny' || mayEverCall(rules, asked, asker)
    }),
    { seed: testSeed(t), numRuns: 2_000 },
  )
  t.end()
})
