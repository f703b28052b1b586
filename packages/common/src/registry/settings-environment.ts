/**
 * Variables that a command's settings add to its environment: any but those that say what else is run, or who calls.
 * Floor 4. Pure.
 */
import type { BadValue } from './settings-values.js'
import type { CommandSettings } from './settings.js'

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The daemon alone says who calls; the dynamic linker loads what these name; a function of this name runs instead of a program. */
const refusedPrefixes: readonly string[] = ['NEGOTIATOR_', 'LD_', 'BASH_FUNC_']

/** A shell or an interpreter runs files or options that these name, before the command's own first line. */
const refusedNames: readonly string[] = [
  'BASH_ENV',
  'ENV',
  'SHELLOPTS',
  'BASHOPTS',
  'PS4',
  'PROMPT_COMMAND',
  'ZDOTDIR',
  'NODE_OPTIONS',
  'PYTHONSTARTUP',
  'PERL5OPT',
  'RUBYOPT',
]

/** Reads the table `environment`. */
export function readEnvironment(value: unknown): CommandSettings | BadValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    return { bad: 'wants a table of texts, e.g. { TZ = "UTC" }' }
  const environment: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) {
    const bad = whyRefused(name, text)
    if (bad !== undefined) return { bad, entry: name }
    // Not by assignment, for which `__proto__` is no name like others.
    Object.defineProperty(environment, name, {
      value: text,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return { environment }
}

function whyRefused(name: string, value: unknown): string | undefined {
  if (!namePattern.test(name)) return 'has a name that is none: letters, digits and "_" make one'
  const isRefused = refusedNames.includes(name) || refusedPrefixes.some((prefix) => name.startsWith(prefix))
  if (isRefused) return `may not set ${name}: it is the daemon's own, or would make other files run`
  return typeof value === 'string' && !value.includes('\0') ? undefined : `wants a text in quotes for ${name}`
}
