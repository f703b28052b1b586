/**
 * How often something took how long, in fixed steps.
 * Floor 5. Pure. It never grows.
 */

/** Upper bounds of the steps, in milliseconds: from what a decision takes to a command of minutes. */
export const stepBoundsMs: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000, 300_000,
]

/** Times, counted. */
export class TimeHistogram {
  /** One for each step, and one for what took longer. */
  readonly #counts: number[] = Array.from({ length: stepBoundsMs.length + 1 }, () => 0)
  #sumMs = 0

  add(durationMs: number): void {
    const step = stepBoundsMs.findIndex((boundMs) => durationMs <= boundMs)
    const index = step < 0 ? stepBoundsMs.length : step
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sumMs += durationMs
  }

  /** What all took together. */
  get sumMs(): number {
    return this.#sumMs
  }

  /** How many took at most as long as each bound; the last number is of all. */
  get cumulative(): readonly number[] {
    let total = 0
    return this.#counts.map((count) => (total += count))
  }
}
