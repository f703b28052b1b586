/**
 * Durations and byte counts as an administrator writes them: `30s`, `10MiB`.
 * Floor 0. Pure. One grammar for the policy and for the settings of commands; whoever reads says what was wanted.
 */

/** What {@link parseDurationMs} takes, as the end of a sentence. */
export const wantedDuration: string =
  'a duration such as "30s": a whole number above 0 and "ms", "s", "m" or "h", a week at most'

/** What {@link parseByteCount} takes, as the end of a sentence. */
export const wantedByteCount: string =
  'a size such as "10MiB": a whole number above 0 and "B", "KiB", "MiB", "GiB" or "TiB"'

const millisecondsIn: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

const bytesIn: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
])

/** A timer of Node takes less than 25 days, and fires at once beyond it. */
const durationMsMax = 7 * 24 * 3_600_000

/**
 * Reads a duration.
 * @param text a whole number and a unit, without a space: `500ms`, `30s`, `5m`, `2h`; more than nothing, a week at most
 * @returns milliseconds, or `undefined` when the text is none
 */
export function parseDurationMs(text: string): number | undefined {
  const milliseconds = parseQuantity(text, millisecondsIn)
  return milliseconds !== undefined && milliseconds <= durationMsMax ? milliseconds : undefined
}

/**
 * Writes a duration for people, who want to know its size: `450 ms`, `1.5 s`, `30 s` for 29,987 ms as well.
 * @param milliseconds 0 or more
 */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  return `${Math.round(milliseconds / 100) / 10} s`
}

/**
 * Reads a size.
 * @param text a whole number and a unit, without a space: `512B`, `64KiB`, `10MiB`, `2GiB`, `1TiB`; more than nothing
 * @returns bytes, at most 2^53 - 1, or `undefined` when the text is none
 */
export function parseByteCount(text: string): number | undefined {
  return parseQuantity(text, bytesIn)
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, digits = '', unit = ''] = /^([0-9]{1,16})([A-Za-z]{1,3})$/.exec(text) ?? []
  const quantity = Number(digits) * (units.get(unit) ?? Number.NaN)
  return Number.isSafeInteger(quantity) && quantity > 0 ? quantity : undefined
}
