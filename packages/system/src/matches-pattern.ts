/**
 * Names that people choose by patterns: `*` stands for any characters, `?` for one. Pure.
 */
import { matchesGlob } from '@negotiator/common'
import type { GlobPiece } from '@negotiator/common'

/** @returns whether a name matches one of the patterns */
export function matchesAny(patterns: readonly string[]): (name: string) => boolean {
  const globs = patterns.map((pattern) => pattern.split(/([*?])/).filter((text) => text !== ''))
  const pieces = globs.map((texts) => texts.map(pieceOf))
  return (name) => pieces.some((glob) => matchesGlob(glob, name))
}

function pieceOf(text: string): GlobPiece {
  if (text === '*') return { kind: 'run' }
  return text === '?' ? { kind: 'one' } : { kind: 'text', text }
}
