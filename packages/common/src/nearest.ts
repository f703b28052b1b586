/**
 * "Did you mean": the known name nearest to a mistyped one.
 * Floor 0.
 */
import { distance } from 'fastest-levenshtein'

/**
 * The nearest of some names.
 * @returns `undefined` when none is near: more than a third of the letters, and more than one, would have to change
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly steps: number } | undefined
  for (const candidate of candidates) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase())
    if (best === undefined || steps < best.steps) best = { candidate, steps }
  }
  return best !== undefined && best.steps <= Math.max(1, name.length / 3) ? best.candidate : undefined
}

/** The suggestion as the end of a sentence, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const candidate = nearest(name, candidates)
  return candidate === undefined ? '' : `; did you mean "${candidate}"?`
}
