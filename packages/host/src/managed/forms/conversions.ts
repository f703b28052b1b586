/**
 * How values of foreign forms become ours: each says what it wants, and gives nothing for what it cannot read.
 * Pure. No value is guessed: a memory of `x` is a problem, not a memory of 0.
 */
import { parseUuid } from '@negotiator/common'

/** Reads one kind of value. */
export interface Conversion {
  /** As the end of a sentence. */
  readonly wanted: string
  /** @returns `undefined` when the text is no such value */
  readonly read: (text: string) => unknown
}

/** The schema knows what is wanted of it. */
export const asText: Conversion = { wanted: 'a text', read: (text) => text }

/** Uuids and addresses are in lower case here. */
export const asUuid: Conversion = { wanted: 'a uuid', read: parseUuid }

export const asAddress: Conversion = { wanted: 'an address', read: (text) => text.toLowerCase() }

export const asCount: Conversion = {
  wanted: 'a whole number',
  read: (text) => (/^[0-9]{1,9}$/.test(text) ? Number(text) : undefined),
}

/** Xend's memory. */
export const asMebibytes: Conversion = {
  wanted: 'a whole number of MiB',
  read: (text) => (/^[0-9]{1,12}$/.test(text) ? `${Number(text)}MiB` : undefined),
}

const bytesInMebibyte = 2 ** 20

/** What Xend wrote in MiB its successors write in bytes. A TiB and more in MiB is not to be expected, so the number tells. */
export const asMebibytesOrBytes: Conversion = {
  wanted: 'a whole number of MiB, or of bytes',
  read: (text) => {
    if (!/^[0-9]{1,15}$/.test(text)) return undefined
    return Number(text) < bytesInMebibyte ? `${Number(text)}MiB` : sizeText(Number(text))
  },
}

/** By libvirt's names of units. @see https://libvirt.org/formatdomain.html#memory-allocation */
const bytesInUnit: ReadonlyMap<string, number> = new Map([
  ...['b', 'bytes'].map((name) => [name, 1] as const),
  ...['k', 'KiB'].map((name) => [name, 2 ** 10] as const),
  ...['M', 'MiB'].map((name) => [name, 2 ** 20] as const),
  ...['G', 'GiB'].map((name) => [name, 2 ** 30] as const),
  ...['T', 'TiB'].map((name) => [name, 2 ** 40] as const),
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
])

/** libvirt's memory in a unit. */
export function asMemoryIn(unit: string): Conversion {
  const bytes = bytesInUnit.get(unit)
  return {
    wanted: `a whole number, in one of ${[...bytesInUnit.keys()].join(', ')} (it is in "${unit}")`,
    read: (text) =>
      bytes === undefined || !/^[0-9]{1,15}$/.test(text) ? undefined : sizeText(Number(text) * bytes),
  }
}

/** The Xen API's words, which have an underscore; Xend wrote its own there, too. */
export const asXenApiAction: Conversion = {
  wanted: 'one of destroy, restart, preserve, rename_restart (no core is dumped here)',
  read: (text) =>
    /^(?:destroy|restart|preserve|rename[_-]restart)$/.test(text) ? text.replace('_', '-') : undefined,
}

/** A size in the largest unit that gives a whole number. */
function sizeText(bytes: number): string | undefined {
  if (!Number.isSafeInteger(bytes)) return undefined
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let [size, unit] = [bytes, 0]
  while (size > 0 && size % 1024 === 0 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1]
  return `${size}${units[unit] ?? 'B'}`
}
