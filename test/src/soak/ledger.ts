/**
 * All that a soak has seen, by one clock, the host's: which calls were made, executed and answered, and what happened meanwhile.
 * It judges nothing; that is checks.ts.
 */

/** Who calls whom. */
export type Direction = 'host-to-guest' | 'guest-to-host'

/**
 * A restored machine lives in another timeline than the one that went on after the snapshot: it does not know what happened
 * there. Counted from 0.
 */
export type Timeline = number

/** A call as it was made. */
export interface MadeCall {
  readonly id: string
  readonly direction: Direction
  readonly atMs: number
  readonly timeoutMs: number
  /** The guest's timeline. */
  readonly timeline: Timeline
}

/** What a command wrote down of itself before it did anything else. */
export interface Execution {
  readonly id: string
  readonly atMs: number
  /** The guest's timeline, also where the command ran on the host. */
  readonly timeline: Timeline
  /** The daemon that started it. */
  readonly daemon: string
}

/** What the caller was told. */
export interface SeenResult {
  readonly id: string
  readonly atMs: number
  readonly timeline: Timeline
  /** `exited 0`, `lost`, ... */
  readonly text: string
}

/** A time in which the guest stood still, or in which its programs ended. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** A machine that was set back. */
export interface Restoration {
  readonly takenMs: number
  readonly restoredMs: number
}

/** How long it took until calls succeeded again, both ways; no time when it was given up. */
export interface Recovery {
  /** The line of the event. */
  readonly after: string
  readonly tookMs: number | undefined
}

/** The records. */
export class Ledger {
  readonly calls: MadeCall[] = []
  readonly executions: Execution[] = []
  readonly results: SeenResult[] = []
  /** When each daemon was started, by the name that executions have for it. */
  readonly daemonStarts: Map<string, number> = new Map()
  readonly standstills: Span[] = []
  readonly restorations: Restoration[] = []
  /** From when to when the guest's programs went, with the calls that they waited for. */
  readonly guestEnds: Span[] = []
  readonly recoveries: Recovery[] = []
  /** What happened, in order, for people. */
  readonly events: string[] = []

  /** The guest's timeline now. */
  get timeline(): Timeline {
    return this.restorations.length
  }

  /** The guest's timeline at a time. */
  timelineAt(atMs: number): Timeline {
    return this.restorations.filter(({ restoredMs }) => restoredMs <= atMs).length
  }
}
