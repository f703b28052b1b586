import * as fc from 'fast-check'
import { test } from 'tap'
import { renameInHosts } from './hosts-file.js'

/** The one line that is another one afterwards, in a file with others. */
function renamed(line: string, [oldName, name]: readonly [string, string]): string | undefined {
  const others = ['127.0.0.1 localhost', '# 127.0.1.1 old', '10.0.0.9 older old-db', '']
  const text = [others[0], line, ...others.slice(1)].join('\n')
  const result = renameInHosts(text, { oldName, name })
  const [, after, ...rest] = result.text.split('\n')
  return JSON.stringify(rest) === JSON.stringify(others.slice(1)) ? after : undefined
}

test('renameInHosts() gives the line of the old name the new one, and keeps its domain', (t) => {
  const cases: readonly (readonly [line: string, names: readonly [string, string], after: string])[] = [
    ['127.0.1.1\told', ['old', 'new'], '127.0.1.1\tnew'],
    ['127.0.1.1\told.lan\told', ['old', 'new'], '127.0.1.1\tnew.lan\tnew'],
    ['127.0.1.1 old.lan old', ['old', 'new.example.org'], '127.0.1.1 new.example.org new'],
    ['127.0.1.1 old.lan old', ['old.lan', 'new'], '127.0.1.1 new.lan new'],
    ['127.0.1.1 old', ['old', 'new.example.org'], '127.0.1.1 new.example.org new'],
    ['127.0.1.1 old.lan', ['old.lan', 'new'], '127.0.1.1 new.lan new'],
    ['127.0.1.1 old', ['old.lan', 'new.lan'], '127.0.1.1 new.lan new'],
    ['127.0.1.1 old.lan old.local old', ['old', 'new.lan'], '127.0.1.1 new.lan new'],
    ['  127.0.1.1   OLD  # was old\r', ['Old', 'new'], '  127.0.1.1   new  # was old\r'],
    ['127.0.0.1 localhost old', ['old', 'new'], '127.0.0.1 localhost new'],
    ['::1 localhost ip6-localhost old', ['old', 'new'], '::1 localhost ip6-localhost new'],
    ['192.0.2.7 old.lan old mail', ['old', 'new'], '192.0.2.7 new.lan new mail'],
    ['2001:db8::7 old', ['old', 'new'], '2001:db8::7 new'],
  ]
  for (const [line, names, after] of cases) t.equal(renamed(line, names), after, line)
  t.end()
})

test('renameInHosts() leaves alone what is not the machine', (t) => {
  const lines = [
    '127.0.1.1 older old-db not.old',
    '192.0.2.9 old.elsewhere.org old',
    '# 127.0.1.1 old.lan',
    'old 127.0.1.1 old.lan',
    '127.0.1.1',
    '',
  ]
  for (const line of lines) t.equal(renamed(line, ['old.lan', 'new']), line, line)
  for (const oldName of ['localhost', 'localhost.localdomain', 'LocalHost'])
    t.equal(
      renamed('127.0.0.1 localhost.localdomain localhost', [oldName, 'new']),
      '127.0.0.1 localhost.localdomain localhost',
    )
  t.end()
})

test('renameInHosts() tells which lines are others now', (t) => {
  t.same(
    renameInHosts('127.0.0.1 localhost\n127.0.1.1 old\n::1 localhost old', { oldName: 'old', name: 'new' }),
    {
      text: '127.0.0.1 localhost\n127.0.1.1 new\n::1 localhost new',
      lines: [
        { before: '127.0.1.1 old', after: '127.0.1.1 new' },
        { before: '::1 localhost old', after: '::1 localhost new' },
      ],
    },
  )
  t.end()
})

test('renameInHosts() touches no line without the old name, and names the machine on each that has it', (t) => {
  const word = fc.constantFrom(
    'old',
    'old.lan',
    'other',
    '127.0.1.1',
    '192.0.2.7',
    '#',
    ' ',
    '\t',
    '\r',
    'OLD',
  )
  const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '))
  const lines = fc.array(line, { maxLength: 5 })
  const names = fc.tuple(fc.constantFrom('old', 'old.lan'), fc.constantFrom('new', 'new.lan'))
  fc.assert(
    fc.property(lines, names, (before, [oldName, name]) => {
      const after = renameInHosts(before.join('\n'), { oldName, name }).text.split('\n')
      return (before.length === 0 ? [''] : before).every((one, at) => {
        const now = after[at] ?? ''
        if (now === one) return true
        return /\bold\b/i.test(one) && (now.split('#')[0] ?? '').trim().split(/\s+/).includes(name)
      })
    }),
  )
  t.end()
})
