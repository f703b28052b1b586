/**
 * The contract of what a driver does to a host: five verbs beside discovery, in the order of a host's life.
 * Each may be done again, tells what it did or would do, and touches nothing but what the driver owns.
 */

/** The five. `stop` takes away what `start` made; `cleanup` takes away everything. */
export const verbs = ['install', 'configure', 'start', 'stop', 'cleanup'] as const

/** One of them. */
export type Verb = (typeof verbs)[number]

/** Something on the disk that is a driver's own. */
export interface Owned {
  readonly kind: 'file' | 'folder'
  readonly path: string
  /** The verb that makes it. */
  readonly madeBy: 'install' | 'configure' | 'start'
  /** What it is for, without an article's sentence around it, e.g. `the folder of the guests' sockets`. */
  readonly purpose: string
}

/** What came of one path, or would come of it. */
export interface Step {
  readonly path: string
  /** `there` and `absent`: nothing had to be done. `left`: it is not ours, or no longer, and was not touched. */
  readonly outcome: 'made' | 'changed' | 'removed' | 'there' | 'absent' | 'left'
  /** Why it was left, or is not ours. */
  readonly why?: string | undefined
}

/** What a verb did, or would do. */
export interface VerbReport {
  readonly driver: string
  readonly verb: Verb
  readonly isDryRun: boolean
  /** All that the driver owns, whichever verb makes it. */
  readonly owns: readonly Owned[]
  /** In order. */
  readonly steps: readonly Step[]
  /** Whether the host is now as the verb wants it; what `stop` and `cleanup` leave to others is no failure. */
  readonly isDone: boolean
}

/** How a verb is done. */
export interface VerbOptions {
  /** Change nothing, and tell what would be changed. */
  readonly isDryRun: boolean
}

/** What a driver can do to a host. */
export type DriverVerbs = Readonly<Record<Verb, (options: VerbOptions) => Promise<VerbReport>>>
