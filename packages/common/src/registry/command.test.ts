import fc from 'fast-check'
import { test } from 'tap'
import { testSeed } from '../test-seed.js'
import { commandNameOf, isCommandName } from './command.js'

test('isCommandName() takes letters, digits, dots, underscores and hyphens', (t) => {
  for (const name of [
    'a',
    'Z9',
    '0',
    'find-disk-usage',
    'backup_2.sh',
    'a.',
    'a-',
    'x..y',
    'name.TOML',
    'toml',
  ]) {
    t.ok(isCommandName(name), name)
  }
  t.end()
})

test('isCommandName() takes 64 characters and not 65', (t) => {
  t.ok(isCommandName('a'.repeat(64)))
  t.notOk(isCommandName('a'.repeat(65)))
  t.end()
})

test('isCommandName() refuses what could be a path, an option or a left-over', (t) => {
  const others = [
    '',
    '.',
    '..',
    '.hidden',
    '../sh',
    'a/b',
    '/bin/sh',
    'a\\b',
    '-rf',
    '_a',
    'name~',
    'name#',
    'a b',
    'a\n',
    '\na',
  ]
  for (const name of [...others, 'a\0', 'ä', 'a*', '$a', 'a;b', 'name.toml', 'a.b.toml', 'name.mjs']) {
    t.notOk(isCommandName(name), JSON.stringify(name))
  }
  t.end()
})

test('commandNameOf() is the name that a file is called by', (t) => {
  const cases: [file: string, name: string | undefined][] = [
    ['hello', 'hello'],
    ['hello.mjs', 'hello'],
    ['hello.js', 'hello.js'],
    [`${'a'.repeat(64)}.mjs`, 'a'.repeat(64)],
    [`${'a'.repeat(65)}.mjs`, undefined],
    ['hello.toml', undefined],
    ['hello.toml.mjs', undefined],
    ['hello.mjs.mjs', undefined],
    ['.mjs', undefined],
    ['.hello.mjs', undefined],
    ['hello.mjs~', undefined],
  ]
  for (const [file, name] of cases) t.equal(commandNameOf(file), name, file)
  t.end()
})

test('commandNameOf() gives a name that can be called, or none, whatever the file is called', (t) => {
  const seed = testSeed(t)
  const unit = fc.oneof(
    fc.constantFrom('a', 'Z', '0', '.', '-', '_', '/', '~'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  )
  const files = fc
    .tuple(fc.string({ unit, maxLength: 70 }), fc.constantFrom('', '.mjs', '.toml', '.mjs.toml'))
    .map((parts) => parts.join(''))
  const run = fc.property(files, (file) => {
    const name = commandNameOf(file)
    if (name === undefined) return true
    return (
      isCommandName(name) && [name, `${name}.mjs`].includes(file) && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
    )
  })
  fc.assert(run, { seed, numRuns: 2_000 })
  t.end()
})
