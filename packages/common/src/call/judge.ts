/**
 * What a dispatcher asks of the policy.
 * Floor 5. Contracts only; the policy's store is one (policy/load.ts).
 */
import type { GuestEnd } from '../policy/caller.js'
import type { Decision, Question } from '../policy/rule.js'

/** Decides who may call what. */
export interface Judge {
  decide(question: Question): Decision
  /** Whether a caller may call a command with any arguments at all, and so be told of it. */
  mayEverCall(question: Omit<Question, 'args'>): boolean
  /** Whether a guest may call nothing and be called by nobody. */
  isShutOut(guest: GuestEnd): boolean
  /** Calls `subscriber` when its answers may have changed, until the returned function is called. */
  subscribe(subscriber: () => void): () => void
}
