/**
 * Whether daemons have grown from one look to another. Pure.
 */
import type { Footprint } from './footprint.js'

/** What a daemon may have more in the end than after it has warmed up; of what it holds open, nothing. */
export const growthMibMax = 5

/** @returns what there is more of than there may be */
export function growthFaults(
  before: Footprint,
  after: Footprint,
  mibMax: number = growthMibMax,
): readonly string[] {
  const growths = {
    'MiB resident': after.residentMib - before.residentMib - mibMax,
    descriptors: after.descriptors - before.descriptors,
    children: after.children - before.children,
    threads: after.threads - before.threads,
  }
  return (
    Object.entries(growths)
      // What could not be read is no number, and no good sign either.
      .filter(([, growth]) => !(growth <= 0))
      .map(([what, growth]) => `${growth.toFixed(1)} ${what} more than there may be`)
  )
}

/** A line for people. */
export function footprintText(footprint: Footprint): string {
  const { residentMib, anonymousMib, heapMib, descriptors, children, threads } = footprint
  const memory = `${residentMib.toFixed(1)} MiB (${anonymousMib.toFixed(1)} anonymous, heap ${heapMib.toFixed(1)})`
  return `${memory}, ${descriptors} descriptors, ${children} children, ${threads} threads`
}
