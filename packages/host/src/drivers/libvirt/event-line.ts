/**
 * A line of `virsh event`: whether it means that we should look, and at whom.
 * Pure. The line has a domain's name in it, which may look like anything; so a line never says what is the case, only
 * where to look again, and a name that misleads us costs a look at a domain that has not changed.
 */

/** Whatever starts, stops, pauses, renames or redefines a domain; channels that are plugged in and out. */
const ofInterest = ['lifecycle', 'device-added', 'device-removed']

const head = /^event '([a-z-]+)' for domain '/

/** Whether an event may have changed who is there or where channels end; clocks, balloons and disks are nothing to us. */
export function isOfInterest(line: string): boolean {
  return ofInterest.includes(head.exec(line)?.[1] ?? '')
}

/**
 * Whom an event may be about.
 * @param names of all domains that are known
 * @returns those whose name the line can be read with: more than one only when somebody chose names so
 */
export function namesIn(line: string, names: Iterable<string>): readonly string[] {
  const rest = line.slice(head.exec(line)?.[0].length ?? 0)
  return [...names].filter((name) => rest.startsWith(`${name}': `))
}
