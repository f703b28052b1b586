/**
 * What is wrong with a definition: all of it at once, each with its place and a sentence.
 * Pure. What a file holds is shown as JSON, so that it drives no terminal, and cut when it is long.
 */
import { json, UsageError } from '@negotiator/common'

/** One thing that is wrong. */
export interface Problem {
  /** The place in the words of what was read: `disks[0].format`, `(memory)`, `domain/vcpu`. */
  readonly path: string
  readonly sentence: string
  /** The key whose value could not be read on the way; that it is missing now need not be told, too. */
  readonly spoils?: string | undefined
}

const shownLengthMax = 80

/** A value for a sentence. */
export function shown(value: unknown): string {
  const text = json(value).trimEnd().replace(/\n\s*/g, ' ')
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax)}...`
}

/** A name or a path for a sentence, whole. */
export function quoted(name: string): string {
  return json(name).trimEnd()
}

/** @returns `bad-definition`, with a line for each problem */
export function badDefinition(source: string, problems: readonly Problem[]): UsageError {
  const lines = problems.map(({ path, sentence }) => `\n  ${path}: ${sentence}`)
  const count = problems.length === 1 ? 'it has a fault' : `it has ${problems.length} faults`
  return new UsageError(`Cannot use the definition ${quoted(source)}: ${count}${lines.join('')}`, {
    code: 'bad-definition',
  })
}
