/**
 * A ledger by calls: what became of each, and whether a machine that stood still, was set back or ended explains it. Pure.
 */
import type { Execution, Ledger, MadeCall, SeenResult } from './ledger.js'

/** What an emulated machine takes from the start of a command to its first line, while others have its processors. */
export const slackMs = 3000
/** A request enters a channel only if the other end was heard within a second. */
const heardWithinMs = 1000
/** A call whose peer is gone ends after its deadline, or when the peer is found to be silent, at the latest. */
const endingMsMax = 20_000
/** How long a line of the guest's is under way. */
const lineMsMax = 500

/** Why something is no fault. */
export interface Excuse {
  readonly excuse: string
}

/** A ledger by calls. */
export class History {
  readonly #ledger: Ledger
  readonly #ids: ReadonlySet<string>
  readonly #results: ReadonlyMap<MadeCall, readonly SeenResult[]>
  readonly #executions: ReadonlyMap<MadeCall, readonly Execution[]>

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#ids = new Set(ledger.calls.map(({ id }) => id))
    this.#results = byCall(ledger.calls, ledger.results)
    this.#executions = byCall(ledger.calls, ledger.executions)
  }

  /** What its caller was told. A caller that was set back may be told once more, in another timeline, for it knows nothing of that. */
  results(call: MadeCall): readonly SeenResult[] {
    const results = this.#results.get(call) ?? []
    if (call.direction === 'host-to-guest') return results
    return results.filter(({ timeline }) => timeline === call.timeline)
  }

  executions(call: MadeCall): readonly Execution[] {
    return this.#executions.get(call) ?? []
  }

  isMade(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Whether the guest's caller that made it was lost with its machine. */
  callerEnded({ direction, atMs, timeoutMs }: MadeCall): boolean {
    const overMs = atMs + timeoutMs + endingMsMax
    return (
      direction === 'guest-to-host' &&
      this.#ledger.guestEnds.some(({ fromMs, toMs }) => atMs < toMs && fromMs < overMs)
    )
  }

  /** Why late executions are no fault, if they are none. */
  excuse(call: MadeCall, executions: readonly Execution[]): Excuse | undefined {
    if (this.#stoodStill(call)) return { excuse: 'the machine stood still' }
    const isPast = executions.every(({ timeline }) => timeline > call.timeline)
    return isPast && this.wasInSnapshot(call) ? { excuse: 'set back' } : undefined
  }

  /** Whether the guest had it when a snapshot was taken. What the host executes is in no snapshot. */
  wasInSnapshot(call: MadeCall): boolean {
    const [result] = this.results(call)
    return this.#ledger.restorations.some(
      ({ takenMs }) =>
        call.direction === 'host-to-guest' &&
        call.atMs < takenMs + heardWithinMs &&
        (result === undefined || result.atMs > takenMs - slackMs),
    )
  }

  /** Whether the guest stood still from before the call could have reached it, or while it did. */
  #stoodStill({ atMs }: MadeCall): boolean {
    return this.#ledger.standstills.some(
      ({ fromMs, toMs }) =>
        atMs > fromMs - slackMs && atMs < Math.min(fromMs + heardWithinMs, toMs) + heardWithinMs,
    )
  }

  /** A command whose daemon is killed before its first line has the machine's first process for its parent, and names that. */
  isOrphan({ daemon }: Execution): boolean {
    return daemon.endsWith('.1')
  }

  isLaterDaemon({ atMs }: MadeCall, { daemon }: Execution): boolean {
    const startedMs = this.#ledger.daemonStarts.get(daemon)
    return startedMs === undefined || startedMs > atMs
  }
}

/**
 * Each thing that was seen belongs to the last call of its id before it. There is more than one when a restored guest draws the
 * same random id again: it makes another call then, as far as it knows the first.
 */
function byCall<Seen extends { readonly id: string; readonly atMs: number }>(
  calls: readonly MadeCall[],
  seen: readonly Seen[],
): ReadonlyMap<MadeCall, readonly Seen[]> {
  const callsOfId = new Map<string, MadeCall[]>()
  for (const call of calls) add(callsOfId, call.id, call)
  const found = new Map<MadeCall, Seen[]>()
  for (const item of seen) {
    const made = callsOfId.get(item.id) ?? []
    // The guest's line that a call is made may be overtaken by the host's execution of it.
    const call = made.findLast(({ atMs }) => atMs <= item.atMs + lineMsMax) ?? made[0]
    if (call !== undefined) add(found, call, item)
  }
  return found
}

function add<Key, Item>(groups: Map<Key, Item[]>, key: Key, item: Item): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [item])
  else group.push(item)
}
