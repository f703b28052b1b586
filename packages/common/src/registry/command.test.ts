import { test } from 'tap'
import { isCommandName } from './command.js'

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
  for (const name of [...others, 'a\0', 'ä', 'a*', '$a', 'a;b', 'name.toml', 'a.b.toml']) {
    t.notOk(isCommandName(name), JSON.stringify(name))
  }
  t.end()
})
