/**
 * JSON that a terminal may show: the same value to whoever parses it, and nothing in it that a screen obeys.
 * Floor 0.
 */

/** What JSON leaves as it is, although a terminal may obey it: DEL, C1, and what reorders text. They stand in strings only. */
const unsafe = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** @param indent blanks of each level; all on one line without */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
