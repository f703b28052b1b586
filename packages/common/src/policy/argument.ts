/**
 * The argument column: which arguments a rule is about.
 * Floor 4. Pure. The very texts that the command will get are matched, nothing is normalised.
 */
import { nearest } from '../nearest.js'
import { Fault } from './fault.js'
import type { Span } from './fault.js'
import { beginsOpen, matchesGlob } from './glob.js'
import type { Glob } from './glob.js'
import { readWord } from './word.js'

/** What the column says. */
export type ArgumentPattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'words'; readonly words: readonly Word[]; readonly hasRest: boolean }

/** The pattern of one argument. */
interface Word {
  readonly glob: Glob
  /** An argument that begins with `-` may be an option, which is not what a leading `*` is written for. */
  readonly refusesOptions: boolean
}

const keywords = ['*', '@none', '+@rest']
const hint = 'write "*" for any, "@none" for none, or "+WORD" for each argument'

/**
 * Reads the column.
 * @param action of the rule: only what allows is careful with options, for what denies had better deny too much
 * @throws {Fault} for what is none
 */
export function parseArgument({ text, at }: Span, action: 'allow' | 'deny'): ArgumentPattern {
  if (text === '*') return { kind: 'any' }
  if (text === '@none') return { kind: 'words', words: [], hasRest: false }
  if (!text.startsWith('+')) throw strayColumn({ text, at })
  const spans = splitWords({ text, at })
  const hasRest = spans.at(-1)?.text === '@rest'
  const words = (hasRest ? spans.slice(0, -1) : spans).map((span) => {
    const glob = readArgument(span)
    return { glob, refusesOptions: action === 'allow' && beginsOpen(glob) }
  })
  return { kind: 'words', words, hasRest }
}

/** Whether the column matches any arguments at all. */
export function isAnyArgument(pattern: ArgumentPattern): boolean {
  return pattern.kind === 'any' || (pattern.hasRest && pattern.words.length === 0)
}

/** Whether the column matches these arguments. */
export function matchesArguments(pattern: ArgumentPattern, args: readonly string[]): boolean {
  if (pattern.kind === 'any') return true
  const { words, hasRest } = pattern
  if (hasRest ? args.length < words.length : args.length !== words.length) return false
  return words.every((word, index) => matchesWord(word, args[index] ?? ''))
}

/** Why the column does not match: which argument it is; none is shown, for they may be secret. */
export function whyArgumentsDiffer(pattern: ArgumentPattern, args: readonly string[]): string {
  if (pattern.kind === 'any') return 'it matches'
  const { words, hasRest } = pattern
  if (hasRest ? args.length < words.length : args.length !== words.length)
    return `it wants ${hasRest ? 'at least ' : ''}${countOf(words.length)}, the call has ${args.length === 0 ? 'none' : args.length}`
  const index = words.findIndex((word, at) => !matchesWord(word, args[at] ?? ''))
  const word = words[index]
  if (word === undefined) return 'it matches'
  return isGuarded(word, args[index] ?? '')
    ? `argument ${index + 1} begins with "-", which a leading "*" or "?" does not match`
    : `argument ${index + 1} does not match`
}

function isGuarded({ refusesOptions }: Word, argument: string): boolean {
  return refusesOptions && argument.startsWith('-')
}

function matchesWord(word: Word, argument: string): boolean {
  return !isGuarded(word, argument) && matchesGlob(word.glob, argument)
}

function splitWords({ text, at }: Span): readonly Span[] {
  let next = at
  return text
    .split('+')
    .map((word) => {
      const span = { text: word, at: next }
      next += word.length + 1
      return span
    })
    .slice(1)
}

function readArgument(word: Span): Glob {
  if (word.text === '@rest')
    throw new Fault(word.at, '"@rest" stands before another argument', 'put "+@rest" at the end')
  if (word.text.startsWith('@'))
    throw new Fault(
      word.at,
      `unknown keyword "${word.text}"`,
      'write "+@rest" for any further arguments, or %40 for an argument\'s own "@"',
    )
  return readWord(word)
}

function strayColumn({ text, at }: Span): Fault {
  const near = nearest(text, keywords)
  return new Fault(
    at,
    `the argument column cannot be "${text}"`,
    near === undefined ? hint : `did you mean "${near}"?`,
  )
}

function countOf(count: number): string {
  if (count === 0) return 'no argument'
  return count === 1 ? '1 argument' : `${count} arguments`
}
