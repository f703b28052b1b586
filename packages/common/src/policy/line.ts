/**
 * One line of a policy file, before anybody asks what it means: its length, its characters, its columns.
 * Floor 4. Pure. Nothing that a person cannot see may stand in a rule, for whoever reviews it would be deceived.
 */
import { policyLineLengthMax } from './limits.js'
import { Fault } from './fault.js'
import type { Span } from './fault.js'

/** Whether a line says nothing: blank, or a comment. */
export function isComment(line: string): boolean {
  return /^[ \t]*(?:#|$)/.test(line)
}

/** The columns of a line. */
export function columnsOf(line: string): readonly Span[] {
  return [...line.matchAll(/[^ \t]+/g)].map(({ 0: text, index }) => ({ text, at: index }))
}

/**
 * Looks at the characters of a line.
 * @throws {Fault} for a line too long, for what cannot be seen, and for a comment behind a rule
 */
export function checkCharacters(line: string): void {
  if (line.length > policyLineLengthMax)
    throw new Fault(
      policyLineLengthMax,
      `the line has ${line.length} characters, ${policyLineLengthMax} at most`,
      'split it into several rules',
    )
  const unseenAt = line.search(isComment(line) ? deceiving : unseen)
  if (unseenAt >= 0) throw unseenCharacter(line, unseenAt)
  if (!isComment(line)) checkHash(line)
}

/** Blanks other than the blank, and all that leaves no mark. */
const unseen = /(?![ \t])[\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u

/** In a comment people may write as they like, but nothing that moves or hides the text around it. */
const deceiving = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** `user:#1000` is a number, any other `#` is taken for a comment. */
function checkHash(line: string): void {
  const at = line.search(/(?<!(?:^|[ \t])(?:user|group)[:=])#/)
  if (at >= 0)
    throw new Fault(
      at,
      'a comment begins behind a rule',
      'put the comment on a line of its own, or write %23 for the character itself',
    )
}

function unseenCharacter(line: string, at: number): Fault {
  const code = (line.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return new Fault(
    at,
    `a character that cannot be seen (U+${code}) stands in the line`,
    'remove it, or write it as %XX, byte by byte, where it belongs to a name or an argument',
  )
}
