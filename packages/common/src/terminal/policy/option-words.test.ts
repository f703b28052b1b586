import { test } from 'tap'
import { parsePolicy } from '../../policy/parse.js'
import type { RuleOptions } from '../../policy/rule.js'
import { optionWords } from './option-words.js'

test('optionWords() writes options that a policy reads as the same ones', (t) => {
  for (const options of [
    '',
    'user=root group=#34 timeout=1500ms max-concurrent=3 max-output=65537B rate=10/s audit=none target=@self',
    'user=a%20b%3Dc timeout=90s max-output=3KiB rate=100/m target=%40host',
    'timeout=120m max-output=2GiB rate=7/h target=uuid:6d1f2c3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f',
  ]) {
    const [read] = rulesWith(options)
    const written = optionWords(read ?? {}).join(' ')
    t.not(read, undefined, options)
    t.same(rulesWith(written), [read], written)
  }
  t.end()
})

test('optionWords() takes the largest unit that loses nothing', (t) => {
  t.same(optionWords({ timeoutMs: 7_200_000, outputBytesMax: 10_240 }), ['timeout=2h', 'max-output=10KiB'])
  t.same(optionWords({ timeoutMs: 1_001, outputBytesMax: 1_025 }), ['timeout=1001ms', 'max-output=1025B'])
  t.end()
})

function rulesWith(options: string): readonly RuleOptions[] {
  const source = { file: 'x.policy', path: '/x.policy', text: `hello * web1 @host allow ${options}` }
  return parsePolicy([source]).rules.map(({ rule }) => rule.options)
}
