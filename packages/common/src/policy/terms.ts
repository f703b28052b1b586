/**
 * The caller and the target column: who a rule is about.
 * Floor 4. Pure. A keyword is known before a name is unescaped, so no guest can be called like one.
 */
import { parseUuid } from '../discovery/uuid.js'
import { nearest } from '../nearest.js'
import { readAccount } from './account.js'
import type { End } from './end.js'
import { Fault } from './fault.js'
import type { Span } from './fault.js'
import { matchesGlob } from './glob.js'
import type { Glob } from './glob.js'
import { readWord } from './word.js'

/** What a column names. */
export type Term =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'host' }
  | { readonly kind: 'self' }
  | { readonly kind: 'any-guest' }
  | { readonly kind: 'guest-name'; readonly name: Glob }
  | { readonly kind: 'guest-uuid'; readonly uuid: string }
  | { readonly kind: 'user-name'; readonly name: string }
  | { readonly kind: 'user-id'; readonly id: number }
  | { readonly kind: 'group-name'; readonly name: string }
  | { readonly kind: 'group-id'; readonly id: number }

const keywords: ReadonlyMap<string, Term> = new Map<string, Term>([
  ['*', { kind: 'anyone' }],
  ['@host', { kind: 'host' }],
  ['@self', { kind: 'self' }],
  ['@anyguest', { kind: 'any-guest' }],
])

/**
 * Reads the caller column.
 * @throws {Fault} for what is none
 */
export function parseCaller(column: Span): Term {
  return keywords.get(column.text) ?? parsePrefixed(column, ['uuid:', 'user:', 'group:'])
}

/**
 * Reads the target column.
 * @throws {Fault} for what is none
 */
export function parseTarget(column: Span): Term {
  if (/^(?:user|group):/.test(column.text))
    throw new Fault(
      column.at,
      `"${column.text}" can call, but not be called`,
      'write @host, @self, @anyguest, a guest\'s name or "uuid:..." as the target',
    )
  return keywords.get(column.text) ?? parsePrefixed(column, ['uuid:'])
}

/** Whether a term names one end of a call. */
export function matchesEnd(term: Term, end: End): boolean {
  switch (term.kind) {
    case 'anyone':
      return true
    case 'host':
      return end.isHost
    case 'self':
      return end.isSelf
    case 'any-guest':
      return end.guest !== undefined
    case 'guest-name':
      return end.guest !== undefined && matchesGlob(term.name, end.guest.name)
    case 'guest-uuid':
      return end.guest?.uuid?.toLowerCase() === term.uuid
    case 'user-name':
      return end.user?.userName === term.name
    case 'user-id':
      return end.user?.userId === term.id
    case 'group-name':
      return end.user?.groupNames.includes(term.name) === true
    case 'group-id':
      return end.user?.groupIds?.includes(term.id) === true
  }
}

function parsePrefixed(column: Span, prefixes: readonly string[]): Term {
  if (column.text.startsWith('@')) throw unknownKeyword(column)
  const prefix = /^[^:]*:/.exec(column.text)?.[0]
  if (prefix === undefined) return { kind: 'guest-name', name: readWord(column) }
  const rest = { text: column.text.slice(prefix.length), at: column.at + prefix.length }
  if (!prefixes.includes(prefix)) throw unknownPrefix(column.at, prefix, prefixes)
  if (prefix === 'uuid:') return parseUuidTerm(rest)
  return prefix === 'user:' ? parseUser(rest) : parseGroup(rest)
}

function parseUuidTerm({ text, at }: Span): Term {
  const uuid = parseUuid(text)
  if (uuid === undefined)
    throw new Fault(
      at,
      `"${text}" is not a uuid`,
      'write it as "virsh domuuid GUEST" does, or "uuid%3A..." for a guest\'s own name',
    )
  return { kind: 'guest-uuid', uuid }
}

function parseUser(word: Span): Term {
  const account = readAccount(word, 'a user')
  return 'id' in account ? { kind: 'user-id', ...account } : { kind: 'user-name', ...account }
}

function parseGroup(word: Span): Term {
  const account = readAccount(word, 'a group')
  return 'id' in account ? { kind: 'group-id', ...account } : { kind: 'group-name', ...account }
}

function unknownKeyword({ text, at }: Span): Fault {
  const near = nearest(text, keywords.keys())
  const fix = near === undefined ? 'write @host, @self or @anyguest' : `did you mean "${near}"?`
  return new Fault(at, `unknown keyword "${text}"`, `${fix} (a name's own "@" is written %40)`)
}

function unknownPrefix(at: number, prefix: string, prefixes: readonly string[]): Fault {
  const near = nearest(prefix, prefixes)
  const fix = near === undefined ? '' : `did you mean "${near}"? `
  return new Fault(
    at,
    `unknown kind "${prefix}"`,
    `${fix}${near === undefined ? 'write' : 'Or write'} %3A for a name's own ":"`,
  )
}
