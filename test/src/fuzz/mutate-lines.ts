/**
 * Mutations of text in lines and columns: order, number, quoting, line ends, odd characters.
 */
import { pick } from './mutator.js'
import type { Mutator } from './mutator.js'

/** What text files should not have and do. */
const oddities = [
  '\0',
  '\r',
  '\r\n',
  '\n\n',
  '\t',
  '\\',
  '\\\n',
  '"',
  "'",
  '"""',
  '#',
  '\u00a0',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\u001b[2J',
  '\ud83d\ude00',
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  '../../..',
  '-1',
  '1e400',
  '99999999999999999999',
  '0x10',
  'nan',
]

const changeLine: Mutator = (input, { at, amount, value, other }) => {
  const lines = input.toString().split('\n')
  const index = at % lines.length
  const line = lines[index] ?? ''
  switch (amount % 5) {
    case 0:
      return joined(lines.toSpliced(index, 1))
    case 1:
      return joined(lines.toSpliced(index, 0, ...Array.from({ length: 1 + (value % 50) }, () => line)))
    case 2:
      return joined(lines.toSpliced(index, 1).toSpliced(value % lines.length, 0, line))
    case 3:
      return joined(lines.toSpliced(index, 0, pick(other.toString().split('\n'), value)))
    default:
      return joined(lines.with(index, ''))
  }
}

const changeColumn: Mutator = (input, { at, amount, value, tokens }) => {
  const lines = input.toString().split('\n')
  const index = at % lines.length
  // Kept with the blanks between them, which stand at each second place.
  const columns = (lines[index] ?? '').split(/(\s+|[=,:])/)
  const column = value % columns.length
  const text = columns[column] ?? ''
  const changed = [
    () => columns.toSpliced(column, 1),
    () => columns.toSpliced(column, 0, text),
    () => columns.with(column, pick([...tokens, ...oddities], at + value)),
    () => columns.with(column, `"${text}"`),
    () => columns.with(column, ''),
    () => columns.toReversed(),
    () => columns.with(column, `${text}${text}`),
  ]
  return joined(lines.with(index, pick(changed, amount)().join('')))
}

const insertOddity: Mutator = (input, { at, value }) => {
  const text = input.toString()
  const place = at % (text.length + 1)
  return Buffer.from(`${text.slice(0, place)}${pick(oddities, value)}${text.slice(place)}`)
}

const windowsLines: Mutator = (input) => Buffer.from(input.toString().replaceAll('\n', '\r\n'))

function joined(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\n'))
}

export const lineMutators: readonly Mutator[] = [
  changeLine,
  changeColumn,
  changeColumn,
  insertOddity,
  windowsLines,
]
