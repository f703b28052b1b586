/**
 * The shapes of values in a command's settings: each function gives the value as it is used, or `undefined` for another shape.
 * Floor 4. Pure.
 */
import { summaryLengthMax } from '../limits.js'

/** What is wrong with a value, as the end of a sentence that begins with the setting's name. */
export interface BadValue {
  readonly bad: string
  /** The entry of a table of its own that is meant. */
  readonly entry?: string
}

/** A text that `parse` takes. */
export function textAs<Value>(
  parse: (text: string) => Value | undefined,
): (value: unknown) => Value | undefined {
  return (value) => (typeof value === 'string' ? parse(value) : undefined)
}

/** A text as it is, when it is good. */
export function textThat(isGood: (text: string) => boolean): (value: unknown) => string | undefined {
  return textAs((text) => (isGood(text) ? text : undefined))
}

/** A line that can stand in a table. */
export function line(value: unknown): string | undefined {
  return textThat((text) => /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(text) && text.length <= summaryLengthMax)(value)
}

/** `true` or `false`. */
export function truth(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** A user or a group. A number counts as such; a name is whatever a line of passwd(5) can begin with, for a directory service may have odd ones. */
export function account(value: unknown): string | undefined {
  const id = integer({ min: 0, max: 2 ** 32 - 2 })(value)
  if (id !== undefined) return String(id)
  return textThat((text) => /^[^-:/\s\p{Cc}][^:/\s\p{Cc}]{0,255}$/u.test(text))(value)
}

/** A whole number between two others. */
export function integer({ min, max }: { min: number; max: number }): (value: unknown) => number | undefined {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : undefined
}

/** A list whose items `parse` takes. */
export function listOf<Item>(
  parse: (value: unknown) => Item | undefined,
): (value: unknown) => readonly Item[] | undefined {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    const items = value.map(parse).filter((item) => item !== undefined)
    return items.length === value.length ? items : undefined
  }
}
