/**
 * Where `target=` sends a call.
 * Floor 4. Pure.
 */
import type { Span } from './fault.js'
import { Fault } from './fault.js'
import { parseTarget } from './terms.js'
import { literalOf } from './glob.js'

/** One machine: this one, the host, or a guest by its name or its uuid. */
export type Redirect =
  | { readonly kind: 'self' }
  | { readonly kind: 'host' }
  | { readonly kind: 'guest-name'; readonly name: string }
  | { readonly kind: 'guest-uuid'; readonly uuid: string }

/**
 * Reads the option's value.
 * @throws {Fault} for what names no single machine
 */
export function parseRedirect(value: Span): Redirect {
  const term = parseTarget(value)
  if (term.kind === 'self' || term.kind === 'host' || term.kind === 'guest-uuid') return term
  const name = term.kind === 'guest-name' ? literalOf(term.name) : undefined
  if (name === undefined || name === '')
    throw new Fault(
      value.at,
      `"${value.text}" does not name a single machine`,
      'write @host, @self, a whole guest\'s name or "uuid:..."',
    )
  return { kind: 'guest-name', name }
}

/**
 * Where the option of a rule that was parsed sends its calls: unescaped, so that a guest called `@host` stays a guest.
 * @returns `undefined` when the rule has no `target=`
 */
export function redirectOf({ target }: { readonly target?: string | undefined }): Redirect | undefined {
  return target === undefined ? undefined : parseRedirect({ text: target, at: 0 })
}
