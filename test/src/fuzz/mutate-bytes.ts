/**
 * Mutations of any bytes, whatever they mean.
 */
import { pick, replaceRange } from './mutator.js'
import type { Mutation, Mutator } from './mutator.js'

const nothing = Buffer.alloc(0)

/** Numbers at which arithmetic goes wrong. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** Bytes that mean something in one text or another. */
const tellingBytes = Buffer.from('\0\n\r\t "\'\\{}[]<>&;:,=#%$-0919aA\u007f\xff\xf5\x80\xc0', 'latin1')

/** A short run, mostly. */
function runOf({ amount }: Mutation, left: number): number {
  return Math.min(left, 1 + (amount % (amount % 5 === 0 ? 4096 : 12)))
}

function placeIn(input: Buffer, { at }: Mutation): number {
  return at % (input.length + 1)
}

const flipBit: Mutator = (input, { at, value }) => {
  if (input.length === 0) return input
  const changed = Buffer.from(input)
  const place = at % input.length
  changed[place] = (changed[place] ?? 0) ^ (1 << (value % 8))
  return changed
}

const setByte: Mutator = (input, mutation) => {
  const at = placeIn(input, mutation)
  const by = Buffer.from([
    mutation.amount % 3 === 0 ? mutation.value & 0xff : pick([...tellingBytes], mutation.value),
  ])
  return replaceRange(input, { at, byteCount: mutation.amount % 2, by })
}

const setNumber: Mutator = (input, mutation) => {
  const byteCount = pick([1, 2, 4], mutation.amount)
  const by = Buffer.alloc(4)
  by.writeUInt32BE(pick(edges, mutation.value))
  return replaceRange(input, { at: placeIn(input, mutation), byteCount, by: by.subarray(4 - byteCount) })
}

const remove: Mutator = (input, mutation) => {
  const at = placeIn(input, mutation)
  return replaceRange(input, { at, byteCount: runOf(mutation, input.length - at), by: nothing })
}

const repeat: Mutator = (input, mutation) => {
  const at = placeIn(input, mutation)
  const run = input.subarray(at, at + runOf(mutation, input.length - at))
  const times = 1 + (mutation.value % (mutation.value % 7 === 0 ? 200 : 3))
  return replaceRange(input, {
    at,
    byteCount: 0,
    by: Buffer.concat(Array.from({ length: times }, () => run)),
  })
}

const move: Mutator = (input, mutation) => {
  const at = placeIn(input, mutation)
  const run = input.subarray(at, at + runOf(mutation, input.length - at))
  const rest = replaceRange(input, { at, byteCount: run.length, by: nothing })
  return replaceRange(rest, { at: mutation.value % (rest.length + 1), byteCount: 0, by: run })
}

const splice: Mutator = (input, mutation) => {
  const from = mutation.value % (mutation.other.length + 1)
  return Buffer.concat([input.subarray(0, placeIn(input, mutation)), mutation.other.subarray(from)])
}

const truncate: Mutator = (input, mutation) => input.subarray(0, placeIn(input, mutation))

const append: Mutator = (input, { other }) => Buffer.concat([input, other])

const insertToken: Mutator = (input, mutation) => {
  if (mutation.tokens.length === 0) return input
  const by = Buffer.from(pick(mutation.tokens, mutation.value))
  return replaceRange(input, {
    at: placeIn(input, mutation),
    byteCount: mutation.amount % 2 === 0 ? 0 : by.length,
    by,
  })
}

/** Also within other mutators, for the parts that they find. */
export const byteMutators: readonly Mutator[] = [
  flipBit,
  setByte,
  setNumber,
  remove,
  repeat,
  move,
  splice,
  truncate,
  append,
  insertToken,
]
