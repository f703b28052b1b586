/**
 * What can be wrong with a policy, as people read it.
 * Floor 4. Pure.
 */

/** A fault in a policy file. */
export interface PolicyProblem {
  /** The file's base name, or the folder's when that is at fault. */
  readonly file: string
  readonly path: string
  /** From 1 on; 0 when the whole file is meant. */
  readonly line: number
  /** The character in the line, from 1 on; 0 when the whole line or file is meant. */
  readonly column: number
  /** The whole sentence: what is wrong, and then the fix. */
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

/** A part of a line: its text, and where it begins, from 0 on. */
export interface Span {
  readonly text: string
  readonly at: number
}

/** What the parser throws to itself; it never leaves this folder. */
export class Fault extends Error {
  readonly at: number
  readonly fix: string

  constructor(at: number, reason: string, fix: string) {
    super(reason)
    this.at = at
    this.fix = fix
  }
}

/** A problem's place for people: `30-local.policy:3:7`, or the file alone. */
export function placeOfProblem({ file, line, column }: PolicyProblem): string {
  return [file, line, column].filter((part) => part !== 0).join(':')
}

/** A problem as one line. */
export function sentenceOfProblem(problem: PolicyProblem): string {
  return `${placeOfProblem(problem)}: ${problem.message}`
}
