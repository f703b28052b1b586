/**
 * What a mutator is: a pure function of an input and some numbers.
 */

/** The numbers of one step; each mutator reads them as it likes. */
export interface Step {
  /** Which mutator. */
  readonly kind: number
  readonly at: number
  readonly amount: number
  readonly value: number
}

/** A step and what it may take from. */
export interface Mutation extends Step {
  readonly other: Buffer
  readonly tokens: readonly string[]
}

/** Makes another input; one that does not apply gives back what it got. */
export type Mutator = (input: Buffer, mutation: Mutation) => Buffer

/** The item that a number means; lists are never empty. */
export function pick<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length]
  if (item === undefined) throw new RangeError('Cannot pick from an empty list')
  return item
}

/** Puts bytes in the place of a range. */
export function replaceRange(
  input: Buffer,
  { at, byteCount, by }: { at: number; byteCount: number; by: Buffer },
): Buffer {
  return Buffer.concat([input.subarray(0, at), by, input.subarray(at + byteCount)])
}
