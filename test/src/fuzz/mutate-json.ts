/**
 * Mutations of JSON, or of one of several lines of it: shapes, numbers, nesting, keys.
 */
import { pick } from './mutator.js'
import type { Mutation, Mutator } from './mutator.js'

/** Values as text, for some of them no program would write. */
const values = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e999',
  '1e-999',
  '9007199254740991',
  '9007199254740993',
  '4294967296',
  '""',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\u001b[2J\\n"',
  '"__proto__"',
  '"constructor"',
  `"${'x'.repeat(300)}"`,
  `"${'\\u4e16'.repeat(1000)}"`,
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '["a",1]',
  '{"__proto__":{"ask":"run"}}',
  '{"toString":1,"length":3}',
  `${'['.repeat(60)}${']'.repeat(60)}`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
]

const keys = ['"__proto__"', '"constructor"', '"toString"', '""', '"length"', '"\\ud800"']

/** Where something is exchanged; no seed has it. */
const placeholder = '\u0001here\u0001'

/** One line of the input that is JSON, and how to put another in its place. */
function jsonLineOf(
  input: Buffer,
  at: number,
): { readonly value: unknown; readonly with: (text: string) => Buffer } | undefined {
  const text = input.toString()
  const whole = parsed(text)
  if (whole !== undefined) return { ...whole, with: (changed) => Buffer.from(changed) }
  const lines = text.split('\n')
  const index = at % lines.length
  const line = parsed(lines[index] ?? '')
  return line && { ...line, with: (changed) => Buffer.from(lines.with(index, changed).join('\n')) }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** How many values are in a value, itself included. */
function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, item) => sum + countOf(item), 1)
}

/** The same value with its nth value changed. */
function changedAt(value: unknown, nth: number, change: (value: unknown) => unknown): unknown {
  let left = nth
  const walk = (item: unknown): unknown => {
    left -= 1
    if (left === -1) return change(item)
    if (Array.isArray(item)) return item.map((each) => walk(each))
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, walk(each)]))
  }
  return walk(value)
}

/** A change that a seed is too deep for is none. */
function changing(change: (value: unknown, mutation: Mutation) => string): Mutator {
  return (input, mutation) => {
    const line = jsonLineOf(input, mutation.amount)
    if (line === undefined) return input
    try {
      return line.with(change(line.value, mutation))
    } catch (error) {
      if (error instanceof RangeError) return input
      throw error
    }
  }
}

const replaceValue = changing((value, { at, value: which }) => {
  const text = JSON.stringify(changedAt(value, at % countOf(value), () => placeholder))
  return text.replace(JSON.stringify(placeholder), () => pick(values, which))
})

const removeValue = changing(
  (value, { at }) => JSON.stringify(changedAt(value, at % countOf(value), () => undefined)) ?? '',
)

const wrapValue = changing((value, { at, value: which }) =>
  JSON.stringify(changedAt(value, at % countOf(value), (item) => (which % 2 === 0 ? [item] : { item }))),
)

const repeatValue = changing((value, { at, value: which }) =>
  JSON.stringify(changedAt(value, at % countOf(value), (item) => repeated(item, 1 + (which % 400)))),
)

function repeated(item: unknown, times: number): unknown {
  if (Array.isArray(item)) return Array.from({ length: times }, () => item as readonly unknown[]).flat()
  return typeof item === 'string' ? item.repeat(times) : item
}

/** One more key in an object; of two with one name the last counts. */
const addKey: Mutator = (input, { at, amount, value }) => {
  const text = input.toString('latin1')
  const openings = [...text.matchAll(/\{/g)].map(({ index }) => index)
  const ownKeys = [...text.matchAll(/"[\w-]+"(?=\s*:)/g)].map(([key]) => key)
  if (openings.length === 0) return input
  const place = pick(openings, at) + 1
  const comma = text[place] === '}' ? '' : ','
  const added = `${pick([...keys, ...ownKeys], value)}:${pick(values, amount)}${comma}`
  return Buffer.from(`${text.slice(0, place)}${added}${text.slice(place)}`, 'latin1')
}

export const jsonMutators: readonly Mutator[] = [
  replaceValue,
  replaceValue,
  removeValue,
  wrapValue,
  repeatValue,
  addKey,
]
