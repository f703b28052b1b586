import { test } from 'tap'
import { policyFaultsMax, policyLineLengthMax, policyRulesMax } from './limits.js'
import { sentenceOfProblem } from './fault.js'
import { parsePolicy } from './parse.js'
import { rulesOf } from './test-policy.js'
import { refusedLines } from './test-refused-lines.js'

/** What is wrong with a text, each as a person reads it. */
function sentencesOf(text: string): readonly string[] {
  const source = { file: '30-local.policy', path: '/etc/negotiator/policy.d/30-local.policy', text }
  return parsePolicy([source]).problems.map(sentenceOfProblem)
}

for (const [line, sentence] of refusedLines) {
  test(`parsePolicy() refuses ${JSON.stringify(line.slice(0, 70))}`, (t) => {
    t.same(sentencesOf(line), [`30-local.policy:${sentence}`])
    t.end()
  })
}

test('parsePolicy() finds every fault of every line at once', (t) => {
  const lines = ['hello * @hst @sefl alow', '* * * * allow', '', 'x @non * * allow timeout=x audit=y', 'y']
  t.same(
    sentencesOf(lines.join('\r\n')).map((sentence) => sentence.split(':').slice(1, 3).join(':')),
    ['1:9', '1:14', '1:20', '4:3', '4:26', '4:34', '5:2'],
  )
  t.end()
})

test('parsePolicy() tells the column in characters, as editors count them', (t) => {
  t.match(sentencesOf('x +😀😀 @hst * allow')[0], /^30-local\.policy:1:7: /)
  t.end()
})

test('parsePolicy() refuses a line one character over the limit, and no other', (t) => {
  const rule = (length: number): string => `x +${'a'.repeat(length - 'x + * * allow'.length)} * * allow`
  t.same(sentencesOf(rule(policyLineLengthMax)), [])
  t.same(sentencesOf(rule(policyLineLengthMax + 1)), [
    '30-local.policy:1:4097: the line has 4097 characters, 4096 at most; split it into several rules',
  ])
  t.end()
})

test('parsePolicy() refuses one rule over the limit, in all files together', (t) => {
  const half = '* * * * deny\n'.repeat(policyRulesMax / 2)
  const sources = ['10-a.policy', '20-b.policy', '30-c.policy'].map((file) => ({
    file,
    path: file,
    text: half,
  }))
  t.same(parsePolicy(sources.slice(0, 2)).problems, [])
  t.same(parsePolicy(sources).problems.map(sentenceOfProblem), [
    '30-c.policy:1:1: the policy has more than 10000 rules; put patterns in the place of single names',
  ])
  t.end()
})

test('parsePolicy() stops where there is no policy in sight', (t) => {
  t.equal(sentencesOf('x\n'.repeat(500_000)).length, policyFaultsMax)
  t.end()
})

test('parsePolicy() takes LF, CRLF, a mark of the byte order, and a last line without an end', (t) => {
  const path = '10-a.policy'
  const { rules, problems } = parsePolicy([
    {
      file: path,
      path,
      text: '\ufeff# first\r\n* * a * allow\n\n \t\n* * b * deny\r\n  # last\n* * c * deny',
    },
  ])
  t.same(problems, [])
  t.same(
    rules.map(({ rule }) => [rule.place.line, rule.caller]),
    [
      [2, 'a'],
      [5, 'b'],
      [7, 'c'],
    ],
  )
  t.end()
})

test('parsePolicy() lets people write as they like in comments', (t) => {
  t.same(sentencesOf('# Überlänge 😀\u200d\u00a0 # "%" @nobody\n#\n   \t# x'), [])
  t.end()
})

test('parsePolicy() keeps the columns as they were written, and reads the options', (t) => {
  const [parsed] = rulesOf([
    'resize-* +%2a+@rest web* @host allow user=root group=#0 timeout=5m max-concurrent=2 max-output=10MiB rate=100/m audit=full target=%40host',
  ])
  t.same(parsed?.rule, {
    place: { file: '10-test.policy', path: '/policy.d/10-test.policy', line: 1 },
    command: 'resize-*',
    argument: '+%2a+@rest',
    caller: 'web*',
    target: '@host',
    action: 'allow',
    options: {
      user: 'root',
      group: '0',
      timeoutMs: 300_000,
      concurrentMax: 2,
      outputBytesMax: 10 * 1024 * 1024,
      rate: { count: 100, periodMs: 60_000 },
      audit: 'full',
      target: '%40host',
    },
  })
  t.end()
})

test('parsePolicy() reads each unit', (t) => {
  const optionsOf = (option: string): unknown => rulesOf([`* * * * allow ${option}`])[0]?.rule.options
  t.same(optionsOf('timeout=500ms'), { timeoutMs: 500 })
  t.same(optionsOf('timeout=30s'), { timeoutMs: 30_000 })
  t.same(optionsOf('timeout=168h'), { timeoutMs: 168 * 3_600_000 })
  t.same(optionsOf('max-output=7B'), { outputBytesMax: 7 })
  t.same(optionsOf('max-output=64KiB'), { outputBytesMax: 65_536 })
  t.same(optionsOf('max-output=1GiB'), { outputBytesMax: 1024 ** 3 })
  t.same(optionsOf('rate=10/s'), { rate: { count: 10, periodMs: 1_000 } })
  t.same(optionsOf('rate=1000/h'), { rate: { count: 1_000, periodMs: 3_600_000 } })
  t.same(optionsOf('audit=none'), { audit: 'none' })
  t.same(optionsOf('audit=hash'), { audit: 'hash' })
  t.same(optionsOf('user=#1000 group=AD%5Cops%20team'), { user: '1000', group: 'AD\\ops team' })
  t.same(rulesOf(['* * * * deny audit=full'])[0]?.rule.options, { audit: 'full' })
  t.end()
})
