/**
 * Signals by name and by number, as this machine's kernel has them.
 * Floor 0.
 */
import { constants } from 'node:os'

const numbers: Readonly<Record<string, number>> = constants.signals

/** @returns the number of e.g. `SIGTERM`; 0 for a name that there is not */
export function signalNumber(name: string): number {
  return numbers[name] ?? 0
}

/** @returns the name of e.g. 15; `undefined` for a number that there is not */
export function signalName(number: number): string | undefined {
  return Object.keys(numbers).find((name) => numbers[name] === number)
}
