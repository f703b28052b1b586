/**
 * The record of each call: counted for `status` and metrics, and written to the audit log, at once or summed up.
 * Floor 5.
 */
import type { Clock } from '../clock.js'
import type { Caller } from '../policy/caller.js'
import type { Audit } from './audit.js'
import type { CallRecord } from './call-record.js'
import { CallTally } from './call-tally.js'
import { keyOf } from './caller-limits.js'
import { FloodRecords } from './flood-records.js'
import { RoutineRecords } from './routine-records.js'
import type { Trace } from './traced-call.js'

interface RecordsOptions {
  readonly audit: Audit
  readonly clock: Clock
}

/** Takes a record of each call once it is over. */
export class Records {
  /** The calls that are over. */
  readonly tally: CallTally = new CallTally()
  readonly #audit: Audit
  readonly #floods: FloodRecords
  readonly #routines: RoutineRecords

  constructor(options: RecordsOptions) {
    this.#audit = options.audit
    this.#floods = new FloodRecords(options)
    this.#routines = new RoutineRecords(options)
  }

  write(record: CallRecord, { caller, trace }: { caller: Caller; trace: Trace }): void {
    this.tally.add(record.direction, trace)
    if (!record.isSummedUp) {
      const complete = record.complete(trace)
      return record.isRoutine ? this.#routines.add(complete) : this.#audit.write(complete)
    }
    this.#floods.add({
      callerKey: keyOf(caller),
      kind: trace.result.kind,
      record: () => record.complete(trace),
    })
  }

  /** Writes what is held. */
  close(): void {
    this.#floods.close()
    this.#routines.close()
  }
}
