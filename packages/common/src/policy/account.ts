/**
 * Users and groups of a machine: by name, or by number.
 * Floor 4. Pure.
 */
import { Fault } from './fault.js'
import type { Span } from './fault.js'
import { readName } from './word.js'

/** One of the two. */
export type Account = { readonly name: string } | { readonly id: number }

/** The kernel's numbers have 32 bits, the highest of which means nobody. */
const idMax = 2 ** 32 - 2

/**
 * Reads a user or a group: `alice`, `1000` or `#1000`.
 * @param what it is, such as `a user`
 * @throws {Fault} for what is none
 */
export function readAccount(word: Span, what: string): Account {
  const { text, at } = word
  const digits = /^#?(\d+)$/.exec(text)?.[1]
  if (digits === undefined && !text.startsWith('#')) return { name: readName(word, what) }
  if (digits === undefined || Number(digits) > idMax)
    throw new Fault(at, `"${text}" is not the number of ${what}`, `write the name, or 0 to ${idMax}`)
  return { id: Number(digits) }
}
