import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { splitWords } from '../terminal/old-face/split-words.js'
import type { Caller, Target } from './caller.js'
import { decide } from './decide.js'
import { sentenceOfProblem } from './fault.js'
import { parsePolicy } from './parse.js'
import { guest, host, rulesOf, self } from './test-policy.js'

const root = join(import.meta.dirname, '../../../..')
const text = readFileSync(join(root, 'docs/policy.md'), 'utf8')

/** Such as: guest `web-1`, uuid `6d1f...` */
function endOf(cell: string): Caller | Target {
  if (cell === 'the host') return host
  if (cell === 'this machine') return self
  const [, kind, name = '', , extra = ''] = /^(guest|user) `(.+?)`(, (?:uuid|in) `(.+)`)?$/.exec(cell) ?? []
  if (kind === 'guest') return guest(name, extra === '' ? undefined : extra)
  if (kind !== 'user') throw new Error(`"${cell}" is no end of a call`)
  return { kind: 'program', user: { userId: 1, userName: name, groupNames: [extra], processId: 1 } }
}

function callerOf(cell: string): Caller {
  const end = endOf(cell)
  if (end.kind === 'self') throw new Error(`"${cell}" is no caller`)
  return end
}

function targetOf(cell: string): Target {
  const end = endOf(cell)
  if (end.kind === 'program') throw new Error(`"${cell}" is no target`)
  return end
}

const examples = text.split(/^### (?=\d+\. )/m).slice(1)

for (const example of examples) {
  const title = example.split('\n')[0] ?? ''
  test(`docs/policy.md, example ${title}`, (t) => {
    const [, side = '', policy = ''] = /^```policy (host|guest)\n(.*?)^```/ms.exec(example) ?? []
    const rules = rulesOf(policy.trimEnd().split('\n'))
    const rows = [...example.matchAll(/^\| (.+?) \| (.+?) \| `(.+?)` \| (.+?) \|$/gm)]
    t.ok(rows.length >= 2, 'it shows decisions')
    for (const [, caller = '', target = '', call = '', expected] of rows) {
      const [command = '', ...args] = splitWords(call)
      const question = { caller: callerOf(caller), target: targetOf(target), command, args }
      const { kind, rule } = decide(rules, question, side === 'host' ? 'host' : 'guest')
      t.equal(`${kind}, ${rule === undefined ? 'no line' : `line ${rule.place.line}`}`, expected, call)
    }
    t.end()
  })
}

test('docs/policy.md has ten examples', (t) => {
  t.equal(examples.length, 10)
  t.end()
})

test('docs/policy.md shows a sentence as it is', (t) => {
  const source = { file: '30-local.policy', path: '', text: '\n\nreboot +now+please @hosts @self allow' }
  const [problem] = parsePolicy([source]).problems
  t.ok(problem !== undefined && text.includes(`\n${sentenceOfProblem(problem)}\n`))
  t.end()
})

test('docs/policy.md shows the rules that are shipped', (t) => {
  for (const side of ['host', 'guest'])
    for (const line of readFileSync(join(root, 'policy', side, '90-default.policy'), 'utf8').split('\n'))
      if (/^[^#]/.test(line)) t.ok(text.includes(`\`${line.split(/ +/).join(' ')}\``), line)
  t.end()
})
