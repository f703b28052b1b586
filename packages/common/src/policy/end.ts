/**
 * One end of a call as the rules of one side see it.
 * Floor 4. Pure. On the host `@host` and `@self` are the same machine, its local programs included.
 */
import { escapeControl } from '../log.js'
import type { Caller, GuestEnd, LocalUser, Target } from './caller.js'
import { writeWord } from './word.js'

/** The machine whose policy is asked. */
export type PolicySide = 'host' | 'guest'

/** What a rule can ask about an end. */
export interface End {
  readonly isHost: boolean
  readonly isSelf: boolean
  readonly guest?: GuestEnd | undefined
  readonly user?: LocalUser | undefined
}

/** Sees a caller or a target from one side. */
export function endOf(end: Caller | Target, side: PolicySide): End {
  switch (end.kind) {
    case 'guest':
      return { isHost: false, isSelf: false, guest: end }
    case 'host':
      return { isHost: true, isSelf: side === 'host' }
    case 'self':
      return { isHost: side === 'host', isSelf: true }
    case 'program':
      return { isHost: side === 'host', isSelf: true, user: end.user }
  }
}

/** The narrowest term of the policy that stands for an end. */
export function termFor({ guest, user, isHost }: End): string {
  if (guest !== undefined) return writeWord(guest.name)
  if (user !== undefined)
    return `user:${user.userName.startsWith('#') ? user.userId : writeWord(user.userName)}`
  return isHost ? '@host' : '@self'
}

/** An end for people. */
export function describeEnd({ guest, user, isHost }: End): string {
  if (guest !== undefined) return `the guest "${escapeControl(guest.name)}"`
  if (user !== undefined) return `a program of the user "${escapeControl(user.userName)}"`
  return isHost ? 'the host' : 'this machine'
}
