/**
 * Xend's S-expressions: lists in parentheses, of lists and atoms; an atom is bare or in quotes.
 * Pure. Nothing is evaluated, backslashes included: the original handed them to Python.
 */

/** A list or an atom. */
export type Sxp = string | readonly Sxp[]

/** Deeper than any program writes; each level of a text without end would cost memory. */
const depthMax = 64

const escapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
])

/** What is wrong with a text, and where. */
export class SxpError extends Error {
  readonly line: number

  constructor(reason: string, line: number) {
    super(reason)
    this.line = line
  }
}

/**
 * Reads the one list that a text holds.
 * @throws {SxpError} when it holds something else
 */
export function parseSxp(text: string): readonly Sxp[] {
  const reader = new Reader(text)
  const value = reader.next()
  if (typeof value === 'string' || value === undefined) throw reader.error('wanted a list in parentheses')
  if (reader.next() !== undefined) throw reader.error('there is more behind the list')
  return value
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** @returns `undefined` at the end of the text */
  next(depth = 0): Sxp | undefined {
    this.#skip(/(?:\s|#[^\n]*)*/y)
    const sign = this.#text[this.#at]
    if (sign === undefined) return undefined
    if (sign === '(') return this.#list(depth)
    if (sign === ')') throw this.error('a ")" closes nothing')
    return sign === '"' || sign === "'" ? this.#quoted(sign) : this.#skip(/[^\s()]+/y)
  }

  error(reason: string, at = this.#at): SxpError {
    return new SxpError(reason, this.#text.slice(0, at).split('\n').length)
  }

  #list(depth: number): readonly Sxp[] {
    if (depth === depthMax) throw this.error(`lists are nested deeper than ${depthMax} levels`)
    const start = this.#at
    this.#at += 1
    const members: Sxp[] = []
    for (;;) {
      this.#skip(/(?:\s|#[^\n]*)*/y)
      if (this.#text[this.#at] === ')') break
      const member = this.next(depth + 1)
      if (member === undefined) throw this.error('this list is never closed', start)
      members.push(member)
    }
    this.#at += 1
    return members
  }

  #quoted(quote: string): string {
    const start = this.#at
    this.#at += 1
    let value = ''
    for (;;) {
      value += this.#skip(quote === '"' ? /[^"\\]*/y : /[^'\\]*/y)
      const sign = this.#text[this.#at]
      if (sign === undefined) throw this.error('this text is never closed', start)
      if (sign === quote) break
      value += this.#escaped()
    }
    this.#at += 1
    return value
  }

  #escaped(): string {
    const written = this.#skip(/\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|[^]?)/y)
    const rest = written.slice(1)
    if (/^[0-7]/.test(rest)) return String.fromCharCode(Number.parseInt(rest, 8))
    if (/^x./.test(rest)) return String.fromCharCode(Number.parseInt(rest.slice(1), 16))
    const sign = escapes.get(rest)
    if (sign === undefined) throw this.error(`"${written}" stands for nothing`)
    return sign
  }

  /** Goes on behind what matches here, and gives it. */
  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [matched = ''] = pattern.exec(this.#text) ?? []
    this.#at += matched.length
    return matched
  }
}
