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
