/**
 * Audit records of calls that were never looked at, summed up: one for each caller, kind of result and second at most, so
 * that whoever floods us is on record and fills no disk by it.
 * Floor 5. It holds the first of them for that second, and forgets its caller then.
 */
import type { Clock, Timer } from '../clock.js'
import { floodRecordMs } from '../limits.js'
import type { Result } from '../wire/result.js'
import type { Audit, AuditRecord } from './audit.js'

interface FloodRecordsOptions {
  readonly audit: Audit
  readonly clock: Clock
}

/** One of the calls. */
interface FloodedCall {
  /** Whom the limits of its caller count. */
  readonly callerKey: string
  readonly kind: Result['kind']
  /** Makes its record; asked of the first alone, for a refusal shall cost next to nothing. */
  readonly record: () => AuditRecord
}

interface Sum {
  readonly first: AuditRecord
  count: number
}

/** Sums up. */
export class FloodRecords {
  readonly #options: FloodRecordsOptions
  readonly #sums = new Map<string, Sum>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: FloodRecordsOptions) {
    this.#options = options
  }

  /** Callers, each with a kind of result, of whom a record is held. */
  get heldCount(): number {
    return this.#sums.size
  }

  /** Takes a call; it is written within a second, or at once when these are closed. */
  add({ callerKey, kind, record }: FloodedCall): void {
    const key = `${kind} ${callerKey}`
    const sum = this.#sums.get(key)
    if (sum === undefined) this.#sums.set(key, { first: record(), count: 1 })
    else sum.count += 1
    if (this.#isClosed) return this.#writeAll()
    this.#timer ??= this.#options.clock.setTimer(floodRecordMs, () => this.#writeAll())
  }

  /** Writes what is held. */
  close(): void {
    this.#isClosed = true
    this.#writeAll()
  }

  #writeAll(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const { first, count } of this.#sums.values())
      this.#options.audit.write(count === 1 ? first : { ...first, count })
    this.#sums.clear()
  }
}
