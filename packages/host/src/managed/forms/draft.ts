/**
 * What a file says of a guest, in our keys, before the schema has seen it: what every form of file is turned into.
 * What could not be turned is kept as a problem in the file's own words; what we have no place for is named, never dropped unsaid.
 */
import { shown } from '../problem.js'
import type { Problem } from '../problem.js'
import type { Conversion } from './conversions.js'

/** A guest as far as it could be read. */
export interface Draft {
  readonly values: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
  /** What the file says and a definition has no place for, in the file's words. */
  readonly passedOver: readonly string[]
}

/** Where a value of a foreign form goes. */
export interface Field {
  readonly key: string
  readonly read: Conversion
}

/** A value of a foreign form. */
interface ForeignValue extends Field {
  /** Its place in the file. */
  readonly path: string
  readonly raw: string
}

/** Collects a draft. */
export class DraftBuilder {
  readonly #values = new Map<string, unknown>()
  readonly #seen = new Map<string, string>()
  readonly #problems: Problem[] = []
  readonly #passedOver: string[] = []

  set(key: string, value: unknown): void {
    this.#values.set(key, value)
  }

  /** Takes one value. Xend writes some twice: that is no fault as long as both say the same. */
  take({ path, key, raw, read }: ForeignValue): void {
    const earlier = this.#seen.get(key)
    if (earlier !== undefined && earlier !== raw)
      return this.fault({
        path,
        spoils: key,
        sentence: twice(earlier, raw),
      })
    this.#seen.set(key, raw)
    const value = this.convert({ path, key, raw, read })
    if (value !== undefined) this.#values.set(key, value)
  }

  /** @returns `undefined` when the text cannot be read, which is then a problem */
  convert({ path, key, raw, read }: ForeignValue): unknown {
    const value = read.read(raw)
    if (value === undefined)
      this.fault({ path, spoils: key, sentence: `it is ${shown(raw)}, wanted ${read.wanted}` })
    return value
  }

  fault(problem: Problem): void {
    this.#problems.push(problem)
  }

  passOver(name: string): void {
    if (!this.#passedOver.includes(name)) this.#passedOver.push(name)
  }

  draft(): Draft {
    return {
      values: Object.fromEntries(this.#values),
      problems: this.#problems,
      passedOver: this.#passedOver,
    }
  }
}

/** Said of a value that is written twice, each time another. */
export function twice(one: unknown, other: unknown): string {
  return `it is both ${shown(one)} and ${shown(other)}; leave one`
}
