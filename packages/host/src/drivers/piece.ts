/**
 * What a driver declares as its own: pieces of a disk that are brought there and taken away by own-pieces.ts alone.
 * A driver that only says what it owns has no way to remove anything else.
 */
import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import type { Owned } from './verbs.js'

/** A folder, or a file with its text. */
export type Piece = Owned &
  (
    | { readonly kind: 'folder'; readonly mode: number }
    | { readonly kind: 'file'; readonly mode: number; readonly content: string }
  )

/** Whether what somebody else's driver declares can be brought and taken away. */
export function isPiece({ kind, path, madeBy, mode, ...rest }: Piece): boolean {
  const isKind =
    kind === 'folder' || (kind === 'file' && 'content' in rest && typeof rest.content === 'string')
  const isMade = madeBy === 'install' || madeBy === 'configure' || madeBy === 'start'
  return isKind && isMade && typeof mode === 'number' && isAbsolute(path)
}

/** By which a file is known again. */
export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
