import fc from 'fast-check'
import { test } from 'tap'
import { testSeed } from '../../test-seed.js'
import { splitWords } from './split-words.js'
import { askPython } from './test-python.js'

/** Made by Python 3.11's `shlex.split`; `undefined`: it raises ValueError. */
const table: readonly (readonly [line: string, words: readonly string[] | undefined])[] = [
  ['', []],
  [' \t\r\n', []],
  ['hello', ['hello']],
  ['  hello \t world\r\n', ['hello', 'world']],
  ['greet \'two words\' "and three more"', ['greet', 'two words', 'and three more']],
  ['a\'b\'"c"d', ['abcd']],
  ["'' \"\" a''", ['', '', 'a']],
  ["'it''s' 'a\\'", ['its', 'a\\']],
  ["'a\\'b'", undefined],
  ['"a\\"b\\\\c\\d\\$e"', ['a"b\\c\\d\\$e']],
  ['\\a\\ b \\\'c \\"d \\\\', ['a b', "'c", '"d', '\\']],
  ['a\\\nb "c\\\nd"', ['a\nb', 'c\\\nd']],
  ['$\'a\\n\' $"b" $c `d` ~ * ? [e]', ['$a\\n', '$b', '$c', '`d`', '~', '*', '?', '[e]']],
  ['a # no comment', ['a', '#', 'no', 'comment']],
  ['a;b|c&d>e<(f)', ['a;b|c&d>e<(f)']],
  ['a\u00a0b\u3000c\fd\ve', ['a\u00a0b\u3000c\fd\ve']],
  ['grüße "世 界" \u{1f600}', ['grüße', '世 界', '\u{1f600}']],
  ["it's", undefined],
  ['"a', undefined],
  ['"a\\"', undefined],
  ['"a\\', undefined],
  ['a \\', undefined],
]

const pythonScript = `
import json, shlex, sys
def split(line):
    try:
        return shlex.split(line)
    except ValueError:
        return None
print(json.dumps([split(line) for line in json.load(sys.stdin)]))`

function splitOrRefuse(line: string): readonly string[] | undefined {
  try {
    return splitWords(line)
  } catch {
    return undefined
  }
}

test("splitWords() gives what Python's shlex.split gives", (t) => {
  for (const [line, words] of table) t.same(splitOrRefuse(line), words, JSON.stringify(line))
  t.end()
})

test('splitWords() agrees with the Python that is here, in the table and at random', (t) => {
  const letters = fc.constantFrom(
    'a',
    'b',
    ' ',
    "'",
    '"',
    '\\',
    '\t',
    '\r',
    '\n',
    '#',
    '$',
    ';',
    'é',
    '\u{1f600}',
  )
  const atRandom = fc.sample(fc.string({ unit: letters, maxLength: 12 }), {
    seed: testSeed(t),
    numRuns: 5000,
  })
  const lines = [...table.map(([line]) => line), ...atRandom]
  const said = askPython(pythonScript, lines) as readonly (readonly string[] | null)[] | undefined
  // Without Python the table stands for it.
  const differing = lines.filter(
    (line, at) =>
      said !== undefined && JSON.stringify(splitOrRefuse(line) ?? null) !== JSON.stringify(said[at]),
  )
  t.same(differing, [])
  t.end()
})

test('splitWords() says what is wrong with a line', (t) => {
  for (const [line, why] of [
    ["greet 'two words", "a ' has no second one"],
    ['greet "two words', 'a " has no second one'],
    ['greet \\', 'nothing follows its last backslash'],
  ] as const) {
    const message = `Cannot read the command line "${line}": ${why}`
    t.throws(() => splitWords(line), { name: 'UsageError', code: 'bad-option', message })
  }
  t.end()
})
