/**
 * The little statistics that the bench needs. Pure.
 */

/**
 * @param values in any order, at least one
 * @param share of the values that are at most the result, above 0 and up to 1
 * @returns one of the values: the smallest that so many are at most
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** The middle one; of an even number the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Half of the values are at most the first, all but five or one of a hundred at most the others. */
export type Spread<Name extends string> = Readonly<Record<`${Name}${'P50' | 'P95' | 'P99'}`, number>>

/**
 * @param name what the figures' names begin with
 * @param values at least one; of fewer than a hundred the slowest is their p99
 */
export function spreadOf<Name extends string>(name: Name, values: readonly number[]): Spread<Name> {
  const spread = {
    [`${name}P50`]: percentile(values, 0.5),
    [`${name}P95`]: percentile(values, 0.95),
    [`${name}P99`]: percentile(values, 0.99),
  }
  // The compiler takes names that are put together for any text.
  return spread as Spread<Name>
}
