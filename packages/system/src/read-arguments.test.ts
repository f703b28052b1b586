import fc from 'fast-check'
import { testSeed } from '@negotiator/common/testing'
import { test } from 'tap'
import type { SystemCommand } from './command.js'
import { CommandFailure } from './failure.js'
import { readArguments } from './read-arguments.js'

const command: SystemCommand = {
  name: 'tested',
  usage: 'USER [--quick] [--mode MODE] [--ignore NAME,...]',
  options: { quick: 'flag', mode: 'value', ignore: 'list' },
  operands: { min: 1, max: 2 },
  run: async () => Promise.resolve(undefined),
}

const usage = '; usage: tested USER [--quick] [--mode MODE] [--ignore NAME,...] [--json]'

/** Flat, for comparison. */
function read(...args: readonly string[]): unknown {
  const { isJson, options, operands } = readArguments(command, args)
  const { flags, values, lists } = options
  return [isJson, [...flags], [...values], [...lists], operands]
}

function refusal(...args: readonly string[]): string {
  try {
    return JSON.stringify(read(...args))
  } catch (error) {
    if (error instanceof CommandFailure && error.exitCode === 64) return error.message
    throw error
  }
}

test('readArguments() takes options in any order, and operands', (t) => {
  t.same(read('ann'), [false, [], [], [], ['ann']])
  t.same(read('--json', 'ann', '--mode', '-0', '--quick', 'b'), [
    true,
    ['json', 'quick'],
    [['mode', '-0']],
    [],
    ['ann', 'b'],
  ])
  t.same(read('--mode=a=b\nc', ''), [false, [], [['mode', 'a=b\nc']], [], ['']])
  t.same(read('a', '--ignore', 'x,y', '--ignore=z'), [false, [], [], [['ignore', ['x', 'y', 'z']]], ['a']])
  t.same(read('--', '--json', '-'), [false, [], [], [], ['--json', '-']])
  t.end()
})

test('readArguments() says what is wrong and what is wanted', (t) => {
  const cases: [args: readonly string[], reason: string][] = [
    [[], 'it wants 1 to 2 arguments, 0 given'],
    [['a', 'b', 'c'], 'it wants 1 to 2 arguments, 3 given'],
    [['a', '--quik'], 'there is no option "--quik"; did you mean "--quick"?'],
    [['a', '-q'], 'there is no option "-q"'],
    [['a', '--quick=1'], '--quick takes no value'],
    [['a', '--mode'], '--mode wants a value behind it'],
    [['--mode', 'x', 'a', '--mode=y'], '--mode is given twice'],
    [['a', '--__proto__'], 'there is no option "--__proto__"'],
    [['a', '--constructor'], 'there is no option "--constructor"'],
    [['a', `--${'x'.repeat(1000)}`], `there is no option "--${'x'.repeat(62)}"`],
  ]
  for (const [args, reason] of cases) t.equal(refusal(...args), `Cannot run tested: ${reason}${usage}`)
  t.end()
})

test('readArguments() of a command without any', (t) => {
  const plain: SystemCommand = { name: 'plain', run: async () => Promise.resolve(undefined) }
  const expected = new CommandFailure(
    'Cannot run plain: it takes no arguments, 1 given; usage: plain [--json]',
    64,
  )
  t.throws(() => readArguments(plain, ['x']), expected)
  t.end()
})

test('readArguments() gives arguments or a sentence, whatever is given', (t) => {
  const words = fc.oneof(
    fc.constantFrom('--', '-', '--json', '--mode', '--mode=', '--ignore', '--quick', '--='),
    fc.string(),
  )
  const run = fc.property(fc.array(words, { maxLength: 6 }), (args) => refusal(...args).length > 0)
  fc.assert(run, { seed: testSeed(t), numRuns: 2_000 })
  t.end()
})
