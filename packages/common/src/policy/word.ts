/**
 * One word of a column: text, `*`, `?` and `%XX` escapes.
 * Floor 4. Pure.
 */
import { Fault } from './fault.js'
import type { Span } from './fault.js'
import { literalOf } from './glob.js'
import type { Glob, GlobPiece } from './glob.js'

const tokens = /(?<escapes>(?:%[0-9a-f]{2})+)|(?<percent>%)|(?<runs>\*+)|(?<one>\?)|(?<text>[^%*?]+)/gi

/**
 * Reads a word as a pattern.
 * @throws {Fault} for an escape that is none
 */
export function readWord({ text, at }: Span): Glob {
  const pieces: GlobPiece[] = []
  for (const { groups, index } of text.matchAll(tokens)) {
    if (groups?.['runs'] !== undefined) pieces.push({ kind: 'run' })
    else if (groups?.['one'] !== undefined) pieces.push({ kind: 'one' })
    else addText(pieces, plainText(groups ?? {}, at + index))
  }
  return pieces
}

/**
 * Reads a word that names one thing.
 * @param what it is, such as `a user`
 * @throws {Fault} for a pattern, an empty word, and an escape that is none
 */
export function readName(word: Span, what: string): string {
  const name = literalOf(readWord(word))
  if (name === undefined)
    throw new Fault(
      word.at,
      `${what} cannot be a pattern here`,
      'write the whole name, with %2A for "*" and %3F for "?"',
    )
  if (name === '') throw new Fault(word.at, `${what} is missing`, 'write the name')
  return name
}

/**
 * Writes a text so that a policy reads it as that text and nothing else.
 * What cannot be seen is escaped, too, so it is also safe to show.
 */
export function writeWord(text: string): string {
  return text.replaceAll(/^@|[%*?+#:]|[\p{Z}\p{C}]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
}

/** Text beside text is one piece, so that an escape changes nothing but how it is written. */
function addText(pieces: GlobPiece[], text: string): void {
  const last = pieces.at(-1)
  if (last?.kind === 'text') pieces[pieces.length - 1] = { kind: 'text', text: last.text + text }
  else pieces.push({ kind: 'text', text })
}

function plainText(groups: Readonly<Record<string, string | undefined>>, at: number): string {
  if (groups['percent'] !== undefined)
    throw new Fault(at, '"%" is not followed by two hex digits', 'write %25 for the character itself')
  const { escapes } = groups
  return escapes === undefined ? (groups['text'] ?? '') : unescapeBytes(escapes, at)
}

function unescapeBytes(escapes: string, at: number): string {
  const bytes = Buffer.from(escapes.replaceAll('%', ''), 'hex')
  if (bytes.includes(0))
    throw new Fault(at, '%00 stands for a byte that no argument and no name can hold', 'remove it')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // The one thing that it can throw for.
    throw new Fault(
      at,
      `${escapes} is not the UTF-8 of a character`,
      'write its bytes, such as %C3%A9 for "é"',
    )
  }
}
