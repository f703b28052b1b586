import { test } from 'tap'
import { checkArgs } from './arguments.js'
import type { CommandSettings } from './settings.js'

const usage = 'DEVICE SIZE'
const resize: CommandSettings = {
  usage,
  args: { patterns: ['vd[a-z]', '[0-9]+[MG]'], isLastRepeated: false },
}

function taking(patterns: readonly string[], isLastRepeated = false): CommandSettings {
  return { args: { patterns, isLastRepeated } }
}

test('checkArgs() takes any arguments where the settings name no patterns', (t) => {
  t.equal(checkArgs({}, ['--force', '', 'x'.repeat(20_000)]), undefined)
  t.end()
})

test('checkArgs() takes what matches as a whole, in its place', (t) => {
  t.equal(checkArgs(resize, ['vda', '20G']), undefined)
  for (const args of [
    ['vda1', '20G'],
    ['vda', '20G\n'],
    ['xvda', '20G'],
    ['20G', 'vda'],
  ])
    t.type(checkArgs(resize, args), 'string', JSON.stringify(args))
  t.end()
})

test('checkArgs() says which argument is refused, why, and what the command takes', (t) => {
  const cases: [args: readonly string[], reason: string][] = [
    [['vda', '20X'], 'argument 2 ("20X") does not match what this command takes'],
    [['vda', ''], 'argument 2 ("") does not match what this command takes'],
    [['\u001b[2J', '1G'], 'argument 1 ("\\x1b[2J") does not match what this command takes'],
    [['x'.repeat(100), '1G'], `argument 1 ("${'x'.repeat(64)}…") does not match what this command takes`],
    [
      ['vda', '--force'],
      'argument 2 ("--force") begins with "-" as an option does, which this command does not take there',
    ],
    [
      ['vda', '1'.repeat(4097)],
      `argument 2 ("${'1'.repeat(64)}…") is longer than the 4096 characters that this command takes`,
    ],
    [['vda'], 'it takes 2 arguments, 1 given'],
    [['vda', '1G', '1G'], 'it takes 2 arguments, 3 given'],
  ]
  for (const [args, reason] of cases) {
    t.equal(checkArgs(resize, args), `${reason}; usage: DEVICE SIZE`)
    t.equal(checkArgs({ args: resize.args }, args), reason)
  }
  t.equal(checkArgs(taking([]), ['x']), 'it takes no arguments, 1 given')
  t.equal(checkArgs(taking([]), []), undefined)
  t.end()
})

test('checkArgs() holds all further arguments against the last pattern, when it is repeated', (t) => {
  const settings = taking(['[a-z]+', '[0-9]+'], true)
  for (const args of [['a'], ['a', '1'], ['a', '1', '2', '3']]) t.equal(checkArgs(settings, args), undefined)
  t.equal(checkArgs(settings, []), 'it takes 1 argument or more, 0 given')
  t.equal(checkArgs(settings, ['a', '1', 'b']), 'argument 3 ("b") does not match what this command takes')
  t.equal(checkArgs(taking(['.*'], true), []), undefined)
  t.end()
})

test('checkArgs() lets an option through only where the pattern visibly begins with a hyphen', (t) => {
  for (const pattern of ['.*', '[-a-z]+', '(?:a|-.*)', '[^a]+', '\\x2D.*', '(?:.*|-v)', '.?-v'])
    t.match(checkArgs(taking([pattern]), ['-v']), 'begins with "-" as an option does', pattern)
  for (const pattern of [
    '-v',
    '-[a-z]',
    '^-v$',
    '(?:-v|-q)',
    '(-v)',
    '-?[0-9v]+',
    '((?:-v))',
    '(?:-[vq])?.*',
  ])
    t.equal(checkArgs(taking([pattern]), ['-v']), undefined, pattern)
  t.equal(checkArgs(taking(['-?[0-9]+']), ['-5']), undefined)
  t.match(checkArgs(taking(['-v']), ['-q']), 'does not match')
  t.match(checkArgs(taking(['.*']), ['-']), 'begins with "-"')
  t.end()
})

test('checkArgs() shows no secret', (t) => {
  const settings = { ...resize, secretArgs: [2] }
  t.equal(
    checkArgs(settings, ['vda', 'hunter2']),
    'argument 2 (***) does not match what this command takes; usage: DEVICE SIZE',
  )
  t.end()
})

test('checkArgs() refuses what it cannot check', (t) => {
  t.match(checkArgs(taking(['(']), ['(']), 'does not match')
  t.end()
})
