/**
 * Audit records of calls that a dialect makes again and again by itself, such as for facts that another system wants every few
 * seconds: the first of them is written, and of those after it that are alike in all but their times one each ten minutes.
 * Floor 5. What is new in any way is written at once, and nothing goes uncounted.
 */
import type { Clock, Timer } from '../clock.js'
import { routineRecordMs } from '../limits.js'
import type { Audit, AuditRecord } from './audit.js'

interface RoutineRecordsOptions {
  readonly audit: Audit
  readonly clock: Clock
}

/** Those of ten minutes; of the first call there is a line already. */
interface Sum {
  first: AuditRecord | undefined
  count: number
}

/** Sums up. */
export class RoutineRecords {
  readonly #options: RoutineRecordsOptions
  readonly #sums = new Map<string, Sum>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: RoutineRecordsOptions) {
    this.#options = options
  }

  /** Takes a record; it is written now, or counted. */
  add(record: AuditRecord): void {
    const key = keyOf(record)
    const sum = this.#sums.get(key)
    if (sum === undefined || this.#isClosed) {
      this.#options.audit.write(record)
      this.#sums.set(key, { first: undefined, count: 0 })
    } else {
      sum.first ??= record
      sum.count += 1
    }
    if (!this.#isClosed) this.#timer ??= this.#setTimer()
  }

  /** Writes what is held. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#writeAll()
  }

  #setTimer(): Timer {
    return this.#options.clock.setTimer(routineRecordMs, () => {
      this.#writeAll()
      this.#timer = this.#sums.size > 0 ? this.#setTimer() : undefined
    })
  }

  /** What was not called for ten minutes is forgotten. */
  #writeAll(): void {
    for (const [key, { first, count }] of this.#sums) {
      if (first === undefined) this.#sums.delete(key)
      else {
        this.#options.audit.write(count === 1 ? first : { ...first, count })
        this.#sums.set(key, { first: undefined, count: 0 })
      }
    }
  }
}

/** All that is not one call's own. */
function keyOf(record: AuditRecord): string {
  const { direction, caller, via, target, command, args, argsHash, rule, result } = record
  return JSON.stringify([direction, caller, via, target, command, args, argsHash, rule, result])
}
