/**
 * Goes on behind a fault, so that one reading of a line finds all of them.
 * Floor 4. Pure.
 */
import { Fault } from './fault.js'

/** The faults of one line. */
export class Attempt {
  readonly faults: Fault[] = []

  get hasFailed(): boolean {
    return this.faults.length > 0
  }

  /** What `read` gives, or nothing when it finds a fault. */
  try<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.faults.push(error)
      return undefined
    }
  }
}
