/**
 * What there is to know about a policy, for status, doctor and the log.
 * Floor 4.
 */
import type { PolicyProblem } from './fault.js'

/** A policy that is in force, or is not. */
export interface PolicyState {
  /** The paths of the files in force, in the order in which they are asked. */
  readonly files: readonly string[]
  readonly ruleCount: number
  /** When the policy in force was read, as ISO 8601; absent when none ever was. */
  readonly loadedAt?: string | undefined
  /** What is wrong with the files as they are now. */
  readonly problems: readonly PolicyProblem[]
  /** The files have problems, so the last good policy is in force instead. */
  readonly isStale: boolean
  /** The files have problems and have had some since the start, so everything is denied. */
  readonly deniesAll: boolean
}
