import { test } from 'tap'
import { readOptions } from './getopt.js'
import type { KnownOption } from './getopt.js'
import { askPython } from './test-python.js'

const known: readonly KnownOption[] = [
  { long: 'list-guests', short: 'g', hasValue: false },
  { long: 'list-commands', short: 'c', hasValue: false },
  { long: 'execute', short: 'e', hasValue: true },
  { long: 'timeout', short: 't', hasValue: true },
  { long: 'verbose', short: 'v', hasValue: false },
]

/** Options with their values, and the rest. */
type Read = readonly [options: readonly (readonly [long: string, value: string])[], rest: readonly string[]]

/** Made by Python's `getopt.getopt`; `undefined`: it raises GetoptError. */
const table: readonly (readonly [argv: readonly string[], read: Read | undefined])[] = [
  [[], [[], []]],
  [
    ['web1', '-g'],
    [[], ['web1', '-g']],
  ],
  [['-g'], [[['list-guests', '']], []]],
  [
    ['-vvg', '-v'],
    [
      [
        ['verbose', ''],
        ['verbose', ''],
        ['list-guests', ''],
        ['verbose', ''],
      ],
      [],
    ],
  ],
  [
    ['-c', 'web1', '-t', '5'],
    [[['list-commands', '']], ['web1', '-t', '5']],
  ],
  [
    ['-ehello', 'web1'],
    [[['execute', 'hello']], ['web1']],
  ],
  [
    ['-e', 'hello world', 'web1'],
    [[['execute', 'hello world']], ['web1']],
  ],
  [
    ['-ve', 'hello', 'web1'],
    [
      [
        ['verbose', ''],
        ['execute', 'hello'],
      ],
      ['web1'],
    ],
  ],
  [
    ['-vehello', 'web1'],
    [
      [
        ['verbose', ''],
        ['execute', 'hello'],
      ],
      ['web1'],
    ],
  ],
  [
    ['-e=hello', 'web1'],
    [[['execute', '=hello']], ['web1']],
  ],
  [
    ['-e', '-g', 'web1'],
    [[['execute', '-g']], ['web1']],
  ],
  [
    ['-e', '--', 'web1'],
    [[['execute', '--']], ['web1']],
  ],
  [
    ['-e', '', 'web1'],
    [[['execute', '']], ['web1']],
  ],
  [
    ['--execute', 'hello', 'web1'],
    [[['execute', 'hello']], ['web1']],
  ],
  [
    ['--execute=hello=x', 'web1'],
    [[['execute', 'hello=x']], ['web1']],
  ],
  [
    ['--execute=', 'web1'],
    [[['execute', '']], ['web1']],
  ],
  [
    ['--execute=a\nb', 'web1'],
    [[['execute', 'a\nb']], ['web1']],
  ],
  [
    ['--exec', 'hello', 'web1'],
    [[['execute', 'hello']], ['web1']],
  ],
  [
    ['--e=hello', 'web1'],
    [[['execute', 'hello']], ['web1']],
  ],
  [['--list-g'], [[['list-guests', '']], []]],
  [
    ['--list-c', 'web1'],
    [[['list-commands', '']], ['web1']],
  ],
  [
    ['--t', '5', '-c', 'web1'],
    [
      [
        ['timeout', '5'],
        ['list-commands', ''],
      ],
      ['web1'],
    ],
  ],
  [
    ['--', '-g'],
    [[], ['-g']],
  ],
  [
    ['-g', '--', '-c', 'web1'],
    [[['list-guests', '']], ['-c', 'web1']],
  ],
  [
    ['-', '-g'],
    [[], ['-', '-g']],
  ],
  [
    ['-g', '-', '-c'],
    [[['list-guests', '']], ['-', '-c']],
  ],
  [['--list'], undefined],
  [['--l'], undefined],
  [['--list-guests=x'], undefined],
  [['--list-g='], undefined],
  [['--nothing'], undefined],
  [['--executer'], undefined],
  [['--='], undefined],
  [['-x'], undefined],
  [['-gx'], undefined],
  [['-e'], undefined],
  [['-ge'], undefined],
  [['--execute'], undefined],
  [['--exec'], undefined],
  [['-é'], undefined],
]

const pythonScript = `
import getopt, json, sys
longs = ['list-guests', 'list-commands', 'execute=', 'timeout=', 'verbose']
names = {'-g': '--list-guests', '-c': '--list-commands', '-e': '--execute', '-t': '--timeout', '-v': '--verbose'}
def read(argv):
    try:
        options, rest = getopt.getopt(argv, 'gce:t:v', longs)
        return [[[names.get(name, name)[2:], value] for name, value in options], rest]
    except getopt.GetoptError:
        return None
print(json.dumps([read(argv) for argv in json.load(sys.stdin)]))`

function read(argv: readonly string[]): Read | undefined {
  const { options, rest, fault } = readOptions(known, argv)
  return fault === undefined ? [options.map(({ long, value }) => [long, value]), rest] : undefined
}

test("readOptions() reads what Python's getopt reads", (t) => {
  for (const [argv, wanted] of table) t.same(read(argv), wanted, argv.join(' '))
  const argvs = table.map(([argv]) => argv)
  const here = askPython(pythonScript, argvs) ?? table.map(([, wanted]) => wanted ?? null)
  t.same(
    here,
    argvs.map((argv) => read(argv) ?? null),
    'and what the one reads that is here',
  )
  t.end()
})

test('readOptions() says what is wrong, and which options may have been meant', (t) => {
  const cases: readonly [argv: readonly string[], reason: string, candidates: readonly string[]][] = [
    [['--list'], '--list may be --list-guests or --list-commands', ['list-guests', 'list-commands']],
    [['--nothing'], 'there is no option --nothing', []],
    [['--verb=1'], '--verbose takes no value', ['verbose']],
    [['--exec'], '--execute lacks its value', ['execute']],
    [['-ve'], '-e lacks its value', ['execute']],
    [['-vx'], 'there is no option -x', []],
    [['-é'], 'there is no option -é', []],
    [['-\u{1f600}'], 'there is no option -\u{1f600}', []],
  ]
  for (const [argv, reason, candidates] of cases)
    t.same(readOptions(known, argv).fault, { reason, candidates })
  t.match(
    readOptions(known, ['-g', '-vx']).options,
    [{ long: 'list-guests' }, { long: 'verbose' }],
    'up to it',
  )
  t.end()
})

test('readOptions() takes some options only when they are written out', (t) => {
  const more = [...known, { long: 'root', hasValue: true, isExactOnly: true }]
  t.same(readOptions(more, ['--root', '/x']).options, [{ long: 'root', value: '/x' }])
  t.match(readOptions(more, ['--roo', '/x']).fault, { reason: 'there is no option --roo' })
  t.end()
})
