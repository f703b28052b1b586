/**
 * The two ends of a call as somebody types them to ask the policy about it: written as in the policy, but one machine or
 * user, no pattern.
 * Floor 8.
 */
import { UsageError } from '../../errors.js'
import type { Caller, GuestEnd, LocalUser, Target } from '../../policy/caller.js'
import { escapeControl } from '../../log.js'
import { Fault } from '../../policy/fault.js'
import { literalOf } from '../../policy/glob.js'
import { parseCaller, parseTarget } from '../../policy/terms.js'
import type { Term } from '../../policy/terms.js'
import { accountOf } from './local-account.js'

/** Reads a caller, such as `web1`, `web1,uuid:...`, `@host`, `user:alice` or `user:alice,group:backup`. @throws {UsageError} `bad-end` */
export async function callerFrom(text: string): Promise<Caller> {
  const terms = termsOf(text, parseCaller)
  const [term] = terms
  if (term?.kind === 'host' && terms.length === 1) return { kind: 'host' }
  if (term?.kind === 'self' && terms.length === 1) return { kind: 'program' }
  const guest = guestOf(terms)
  if (guest !== undefined) return guest
  const user = await userOf(terms)
  if (user !== undefined) return { kind: 'program', user }
  throw new UsageError(
    `Cannot read the caller "${escapeControl(text)}": wanted @host, @self, a guest ("web1", "web1,uuid:...") or a user ("user:alice", "user:alice,group:backup")`,
    { code: 'bad-end' },
  )
}

/** Reads a target, such as `@host`, `@self`, `web1` or `uuid:...`. @throws {UsageError} `bad-end` */
export function targetFrom(text: string): Target {
  const terms = termsOf(text, parseTarget)
  const [term] = terms
  if (terms.length === 1 && (term?.kind === 'host' || term?.kind === 'self')) return { kind: term.kind }
  const guest = guestOf(terms)
  if (guest !== undefined) return guest
  throw new UsageError(
    `Cannot read the target "${escapeControl(text)}": wanted @host, @self, or a guest ("web1", "web1,uuid:...")`,
    { code: 'bad-end' },
  )
}

function termsOf(text: string, parse: (column: { text: string; at: number }) => Term): readonly Term[] {
  try {
    return text.split(',').map((part) => parse({ text: part, at: 0 }))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const sentence = escapeControl(`Cannot read "${text}": ${error.message}; ${error.fix}`)
    throw new UsageError(sentence, { code: 'bad-end' })
  }
}

/** A guest's name, its uuid, or both; no guest has an empty name. */
function guestOf(terms: readonly Term[]): GuestEnd | undefined {
  let [name, uuid]: [string | undefined, string | undefined] = [undefined, undefined]
  for (const term of terms) {
    if (term.kind === 'guest-name' && name === undefined) name = literalOf(term.name)
    else if (term.kind === 'guest-uuid' && uuid === undefined) ({ uuid } = term)
    else return undefined
  }
  return name === '' || (name === undefined && uuid === undefined)
    ? undefined
    : { kind: 'guest', name: name ?? uuid ?? '', uuid }
}

/** A user, with the groups that are told, or else those that he has on this machine. */
async function userOf(terms: readonly Term[]): Promise<LocalUser | undefined> {
  const [first, ...groups] = terms
  const isUser = first?.kind === 'user-name' || first?.kind === 'user-id'
  if (!isUser || groups.some(({ kind }) => kind !== 'group-name' && kind !== 'group-id')) return undefined
  const word = first.kind === 'user-name' ? first.name : String(first.id)
  const known = await accountOf(word)
  const told = {
    groupNames: groups.flatMap((group) => (group.kind === 'group-name' ? [group.name] : [])),
    groupIds: groups.flatMap((group) => (group.kind === 'group-id' ? [group.id] : [])),
  }
  const named = first.kind === 'user-name' ? { userName: first.name } : { userId: first.id }
  return { processId: 0, ...known, ...named, ...(groups.length > 0 ? told : {}) }
}
