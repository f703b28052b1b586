/**
 * Holds a whole text against a regular expression, in a time that grows with the text and no faster.
 * Floor 4. Pure. The texts come from the other side, and JavaScript's own matcher would try all ways through `(a+)+` one after the other,
 * the daemon standing still for hours. This one keeps all of them at once, so it takes no lookaround, no `\b` and no back reference.
 */
import { readPattern } from './pattern-syntax.js'
import type { Step } from './pattern-syntax.js'

/** A regular expression that is ready to use. */
export interface Pattern {
  /** Whether all of the text matches, from its first to its last character. */
  matches(text: string): boolean
}

/**
 * Makes a pattern of a regular expression as JavaScript has them with the flag `u`.
 * @returns the pattern, or why it cannot be used, as the end of a sentence
 */
export function compilePattern(source: string): Pattern | { readonly reason: string } {
  const read = readPattern(source)
  if ('reason' in read) return read
  const atoms = read.atoms.map((atom) => new RegExp(`^(?:${atom})$`, 'u'))
  return { matches: (text) => new Run(read.steps, atoms).matches(Array.from(text)) }
}

/** One text on its way through all the steps. */
class Run {
  readonly #steps: readonly Step[]
  readonly #atoms: readonly RegExp[]
  /** The steps that wait for a character: each once, however many ways lead to it. */
  #waiting = new Set<number>()

  constructor(steps: readonly Step[], atoms: readonly RegExp[]) {
    this.#steps = steps
    this.#atoms = atoms
  }

  matches(characters: readonly string[]): boolean {
    this.#enter([0], { isFirst: true, isLast: characters.length === 0 })
    for (const [index, character] of characters.entries()) {
      if (this.#waiting.size === 0) return false
      this.#enter(this.#nextAfter(character), { isFirst: false, isLast: index === characters.length - 1 })
    }
    return [...this.#waiting].some((step) => this.#steps[step]?.kind === 'end')
  }

  #nextAfter(character: string): readonly number[] {
    const fits = new Map<number, boolean>()
    const next: number[] = []
    for (const at of this.#waiting) {
      const step = this.#steps[at]
      if (step?.kind !== 'atom') continue
      const isFit = fits.get(step.atom) ?? this.#atoms[step.atom]?.test(character) === true
      fits.set(step.atom, isFit)
      if (isFit) next.push(at + 1)
    }
    return next
  }

  /** Goes on from these steps as far as no character is needed. */
  #enter(from: readonly number[], { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): void {
    const [seen, open] = [new Set<number>(), [...from]]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const step = this.#steps[at]
      if (step?.kind === 'jump') open.push(...step.by.map((by) => at + by))
      if ((step?.kind === 'first' && isFirst) || (step?.kind === 'last' && isLast)) open.push(at + 1)
    }
    this.#waiting = seen
  }
}
