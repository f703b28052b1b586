/**
 * What a link remembers of its peer for `status` and the metrics, however many sessions come and go.
 * Floor 7. It decides nothing, and its size is bounded.
 */
import type { PeerFacts } from '../call/peer.js'
import type { Line } from '../call/turns.js'
import type { Clock } from '../clock.js'
import type { Endpoint } from '../session/endpoint.js'
import { RoundTrips } from '../session/round-trips.js'
import { explain } from '../session/session-end.js'
import type { SessionEnd } from '../session/session-end.js'
import type { Role } from '../wire/frame.js'

/** Ends that belong to a daemon's or a machine's life; a channel that breaks off tells its own cause. */
const ordinaryEnds: readonly SessionEnd[] = ['closing', 'replaced', 'channel-closed']

/** What a link has at this moment. */
interface LiveParts {
  readonly endpoints: ReadonlyMap<Role, Endpoint>
  readonly lines: readonly Line[]
}

/** One peer's record. */
export class LinkRecord {
  readonly roundTrips: RoundTrips = new RoundTrips()
  /** Calls of commands, both ways. */
  callTotal = 0
  readonly #clock: Clock
  #lastError: { readonly reason: string; readonly atMs: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Something went wrong with the peer or with the way to it. */
  failed(reason: string): void {
    this.#lastError = { reason, atMs: this.#clock.now() }
  }

  sessionEnded(reason: SessionEnd): void {
    if (!ordinaryEnds.includes(reason)) this.failed(`The session ended: ${explain(reason)}`)
  }

  /** All that there is to tell, with what the live `endpoints` and the `lines` of waiting calls add. */
  facts({ endpoints, lines }: LiveParts): Omit<PeerFacts, 'isDenied'> {
    const sessions = [...endpoints.values()].flatMap(({ session }) => session ?? [])
    const waitingCounts = [
      ...sessions.map(({ waitingCount }) => waitingCount),
      ...lines.map(({ callCount }) => callCount),
    ]
    return {
      epochs: Object.fromEntries([...endpoints].map(([role, { session }]) => [role, session?.remote.epoch])),
      callTotal: this.callTotal,
      queue: { bytes: sum(sessions.map(({ queuedBytes }) => queuedBytes)), calls: sum(waitingCounts) },
      isBusy: sessions.some(({ isBusy }) => isBusy) || lines.some(({ isFull }) => isFull),
      roundTrip: this.roundTrips.summary,
      lastError: this.#lastErrorNow(),
    }
  }

  #lastErrorNow(): PeerFacts['lastError'] {
    if (this.#lastError === undefined) return undefined
    const { reason, atMs } = this.#lastError
    return { reason, agoMs: Math.round(this.#clock.now() - atMs) }
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
