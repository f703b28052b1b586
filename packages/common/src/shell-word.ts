/**
 * A text as one word of a shell's command line: what mends a fault is pasted, and a guest may be called `$(reboot)`.
 * Floor 0. Pure.
 */

/** @returns the text as it is where a shell has nothing to find in it, else in single quotes */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
