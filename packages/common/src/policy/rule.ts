/**
 * What a rule of the policy is, and what it decides.
 * Floor 4. Pure. docs/policy.md is its grammar.
 */
import type { Caller, Target } from './caller.js'

/** What is asked of the policy. */
export interface Question {
  readonly caller: Caller
  readonly target: Target
  readonly command: string
  /** The very texts that the command will get. */
  readonly args: readonly string[]
}

/** How much of a call's arguments stands in the audit log. */
export type AuditDetail = 'none' | 'hash' | 'full'

/** At most `count` calls in each `periodMs`. */
export interface Rate {
  readonly count: number
  readonly periodMs: number
}

/** What stands behind a rule's action. */
export interface RuleOptions {
  /** The user that the command runs as: a name or a number. */
  readonly user?: string | undefined
  readonly group?: string | undefined
  readonly timeoutMs?: number | undefined
  /** Calls at once under this rule. */
  readonly concurrentMax?: number | undefined
  /** Bytes of both outputs together. */
  readonly outputBytesMax?: number | undefined
  /** For each caller. */
  readonly rate?: Rate | undefined
  readonly audit?: AuditDetail | undefined
  /** Where the call runs instead of where it was meant to: `@host`, `@self`, a guest's name or `uuid:...`. */
  readonly target?: string | undefined
}

/** Where a rule stands. */
export interface RulePlace {
  /** The file's base name, such as `90-default.policy`. */
  readonly file: string
  readonly path: string
  /** From 1 on. */
  readonly line: number
}

/** One line of a policy file. */
export interface Rule {
  readonly place: RulePlace
  /** The columns as they were written. */
  readonly command: string
  readonly argument: string
  readonly caller: string
  readonly target: string
  readonly action: 'allow' | 'deny'
  readonly options: RuleOptions
}

/** What the policy says. A refusal's `reason` may be told to the caller: it names a rule's file and line, no folder. */
export type Decision =
  | { readonly kind: 'allow'; readonly rule: Rule }
  | { readonly kind: 'deny'; readonly rule?: Rule | undefined; readonly reason: string }

/** A rule's place for people: `90-default.policy:12`. */
export function nameOfRule({ place }: Rule): string {
  return `${place.file}:${place.line}`
}
