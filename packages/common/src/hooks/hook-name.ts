/**
 * Which file names are hooks: `NN-name`, letter by letter.
 * Floor 5. Pure.
 */

const hookPattern = /^[0-9]{2}-[A-Za-z0-9][A-Za-z0-9_-]{0,60}$/

/** The name of a script of DevStack's shape; it is what its hook is called. */
const scriptPattern = /^[0-9]{2}-[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.sh$/

/** Whether a text can name a hook. */
export function isHookName(text: string): boolean {
  return hookPattern.test(text) || scriptPattern.test(text)
}

/** Whether a file of a phase's folder is a hook. */
export function isHookFile(name: string): boolean {
  return hookPattern.test(name)
}

/** Whether a file in the folder of scripts is one. */
export function isScriptFile(name: string): boolean {
  return scriptPattern.test(name)
}

/** The two digits. */
export function numberOf(name: string): number {
  return Number(name.slice(0, 2))
}

/** Whether a number is kept for hooks that are shipped. */
export function isReserved(name: string): boolean {
  const number = numberOf(name)
  return number <= 9 || number >= 90
}
