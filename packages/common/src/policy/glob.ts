/**
 * Patterns of the policy: `*` stands for any run of characters, `?` for exactly one.
 * Floor 4. Pure. Never a regular expression: what a guest sends must not be able to make matching slow.
 */

/** One piece of a pattern. */
export type GlobPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'run' }

/** A pattern, piece by piece; none at all matches the empty text. */
export type Glob = readonly GlobPiece[]

/**
 * Whether a pattern matches a whole text, case and newlines included.
 *
 * After a mismatch only the last `*` takes in one character more: what an earlier one could take instead would leave
 * less for those behind it. So the work is bounded by the product of both lengths.
 */
export function matchesGlob(glob: Glob, text: string): boolean {
  const [only] = glob
  if (glob.length === 1 && only?.kind === 'text') return only.text === text
  let piece = 0
  let at = 0
  let run: { readonly piece: number; readonly at: number } | undefined
  while (piece < glob.length || at < text.length) {
    const wanted = glob[piece]
    if (wanted?.kind === 'run') {
      piece += 1
      run = { piece, at }
      continue
    }
    const width = wanted === undefined ? undefined : widthOf(wanted, text, at)
    if (width !== undefined) {
      piece += 1
      at += width
      continue
    }
    if (run === undefined || run.at >= text.length) return false
    run = { piece: run.piece, at: run.at + characterWidth(text, run.at) }
    piece = run.piece
    at = run.at
  }
  return true
}

/** Whether a pattern begins with `*` or `?`. */
export function beginsOpen(glob: Glob): boolean {
  return glob[0] !== undefined && glob[0].kind !== 'text'
}

/** The text that a pattern without `*` and `?` stands for; `undefined` when it has some. */
export function literalOf(glob: Glob): string | undefined {
  const texts = glob.map((piece) => (piece.kind === 'text' ? piece.text : undefined))
  return texts.includes(undefined) ? undefined : texts.join('')
}

/** How much of the text a piece takes in; `undefined` when it does not match there. */
function widthOf(piece: Exclude<GlobPiece, { kind: 'run' }>, text: string, at: number): number | undefined {
  if (piece.kind === 'text') return text.startsWith(piece.text, at) ? piece.text.length : undefined
  return at < text.length ? characterWidth(text, at) : undefined
}

/** A character beyond U+FFFF takes two places in a JavaScript text. */
function characterWidth(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
