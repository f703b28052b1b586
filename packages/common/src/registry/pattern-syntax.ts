/**
 * Reads a regular expression into steps: what registry/pattern.ts goes through.
 * Floor 4. Pure. JavaScript's own parser has the first word, so whatever it refuses is refused in its words, and what is read here is sound.
 */
import { patternLengthMax, patternStepCountMax } from '../limits.js'

/** One step; but for a jump the next one follows it. */
export type Step =
  /** Takes one character, if it fits the atom of this number. */
  | { readonly kind: 'atom'; readonly atom: number }
  /** Goes on at each of these at once, counted from here. */
  | { readonly kind: 'jump'; readonly by: readonly number[] }
  /** Goes on at the text's beginning, or at its end. */
  | { readonly kind: 'first' | 'last' }
  | { readonly kind: 'end' }

/** A pattern as steps, and the expressions for one character that they name by number. */
export interface ReadPattern {
  readonly steps: readonly Step[]
  readonly atoms: readonly string[]
}

/** @returns the steps, or why there are none, as the end of a sentence */
export function readPattern(source: string): ReadPattern | { readonly reason: string } {
  if (source.length > patternLengthMax) return { reason: `it is longer than ${patternLengthMax} characters` }
  const fault = syntaxFault(source)
  if (fault !== undefined) return { reason: fault }
  try {
    return new Reader(source).read()
  } catch (error) {
    if (error instanceof Unreadable) return { reason: error.message }
    throw error
  }
}

function syntaxFault(source: string): string | undefined {
  try {
    void new RegExp(source, 'u')
    return undefined
  } catch (error) {
    // `Invalid regular expression: /SOURCE/u: WHY`
    const [, why = 'unknown fault'] = /: ([^:]*)$/.exec(error instanceof Error ? error.message : '') ?? []
    return `it is no regular expression: ${why}`
  }
}

class Unreadable extends Error {}

/** What stands for one character: an escape (two halves of a surrogate pair are one), a class, or the character itself. */
const escape = String.raw`\\(?:u[dD][89abAB]\p{AHex}{2}\\u[dD][c-fC-F]\p{AHex}{2}|u\p{AHex}{4}|u\{\p{AHex}+\}|x\p{AHex}{2}|c[A-Za-z]|[pP]\{[^}]*\}|[^bBk1-9uxcpP])`
const atomPattern = new RegExp(String.raw`${escape}|\[(?:\\.|[^\]\\])*\]|[^\\[\](){}*+?|^$]`, 'suy')
const groupPattern = /\((?:\?:|\?<[\p{L}_$][\p{L}\p{N}_$]*>|(?!\?))/uy
const quantifierPattern = /([*+?]|\{\d+(?:,\d*)?\})\??/uy

/** Steps that can stand anywhere, for their jumps are counted from where they are. */
type Steps = readonly Step[]

class Reader {
  readonly #source: string
  readonly #atoms: string[] = []
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): ReadPattern {
    return { steps: [...this.#choice(), { kind: 'end' }], atoms: this.#atoms }
  }

  /** `one|other|...`, up to the end or to a closing bracket. */
  #choice(): Steps {
    let steps = this.#sequence()
    while (this.#take(/\|/y) !== undefined) steps = either(steps, this.#sequence())
    return bounded(steps)
  }

  #sequence(): Steps {
    const steps: Step[] = []
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at))) {
      const term = this.#term()
      const quantifier = this.#take(quantifierPattern)
      steps.push(...(quantifier === undefined ? term : repeated(term, timesIn(quantifier))))
      bounded(steps)
    }
    return steps
  }

  #term(): Steps {
    if (this.#take(/\^/y) !== undefined) return [{ kind: 'first' }]
    if (this.#take(/\$/y) !== undefined) return [{ kind: 'last' }]
    if (this.#take(groupPattern) !== undefined) {
      const steps = this.#choice()
      this.#take(/\)/y)
      return steps
    }
    const atom = this.#take(atomPattern)
    if (atom === undefined)
      throw new Unreadable('lookaround, "\\b", "\\B", references and flags cannot be used in it')
    return [{ kind: 'atom', atom: this.#numberOf(atom) }]
  }

  #numberOf(atom: string): number {
    const known = this.#atoms.indexOf(atom)
    return known >= 0 ? known : this.#atoms.push(atom) - 1
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#source)?.[0]
    this.#at += text?.length ?? 0
    return text
  }
}

function bounded(steps: Steps): Steps {
  if (steps.length > patternStepCountMax)
    throw new Unreadable(`with its repetitions it has more than ${patternStepCountMax} steps`)
  return steps
}

interface Times {
  readonly min: number
  /** Absent: any number. */
  readonly max?: number
}

function timesIn(quantifier: string): Times {
  const [, min = '', comma, max = ''] = /^\{(\d+)(,?)(\d*)\}/.exec(quantifier) ?? []
  if (min !== '')
    return comma === '' ? { min: +min, max: +min } : max === '' ? { min: +min } : { min: +min, max: +max }
  return { min: quantifier.startsWith('+') ? 1 : 0, ...(quantifier.startsWith('?') ? { max: 1 } : {}) }
}

function either(one: Steps, other: Steps): Steps {
  return [
    { kind: 'jump', by: [1, one.length + 2] },
    ...one,
    { kind: 'jump', by: [other.length + 1] },
    ...other,
  ]
}

function repeated(steps: Steps, { min, max }: Times): Steps {
  const count = max ?? min + 1
  // Asked before anything is made: a count may have any number of digits.
  if (count * (steps.length + 1) > patternStepCountMax && count > 1)
    throw new Unreadable(`with its repetitions it has more than ${patternStepCountMax} steps`)
  const needed = Array.from({ length: min }, () => steps).flat()
  if (max === undefined) return [...needed, ...anyTimes(steps)]
  // Each copy that may be left out leads to the end of them all.
  const optional = Array.from({ length: max - min }, (_, index): Steps => {
    const rest = (max - min - index) * (steps.length + 1)
    return [{ kind: 'jump', by: [1, rest] }, ...steps]
  })
  return [...needed, ...optional.flat()]
}

function anyTimes(steps: Steps): Steps {
  const length = steps.length
  return [{ kind: 'jump', by: [1, length + 2] }, ...steps, { kind: 'jump', by: [-length - 1] }]
}
