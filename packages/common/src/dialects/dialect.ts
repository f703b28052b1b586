/**
 * The contract of a dialect: it reads the requests of a protocol that is not ours, and writes the answers.
 * Floor 6. Pure. Whatever is to be run goes through the dispatcher like any call; a dialect has no way around it.
 */
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'

/** What a legacy request comes to. */
export type LegacyRequest =
  | {
      readonly kind: 'run'
      readonly request: RunRequest
      /** For standard input; absent for an empty one. */
      readonly input?: Buffer | undefined
    }
  | { readonly kind: 'catalogue' }
  /** The protocol's own business, or a request that cannot be met: this is the answer. */
  | { readonly kind: 'answer'; readonly body: Buffer }

/** How a legacy request ended that came to a call. */
export type LegacyOutcome =
  | { readonly kind: 'run'; readonly request: RunRequest; readonly ended: CollectedEnd }
  | { readonly kind: 'catalogue'; readonly names: readonly string[] }

/** A call's result and its standard output, collected. */
export interface CollectedEnd {
  readonly result: Result
  readonly stdout: Buffer
  /** Whether there was more output than is collected. */
  readonly isCut: boolean
}

/** Reads requests and writes answers. */
export interface Dialect {
  /** For logs, e.g. `python-negotiator`. */
  readonly name: string
  /** Reads a request; never throws: a request that makes no sense is answered in the dialect's own words. */
  parse(body: Buffer): LegacyRequest
  render(outcome: LegacyOutcome): Buffer
}
