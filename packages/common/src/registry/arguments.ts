/**
 * Which arguments a command takes, by the patterns in its settings.
 * Floor 4. Pure. The arguments come from the other side: none of them gets to a command that has said what it takes and did not mean it.
 */
import { patternedArgLengthMax } from '../limits.js'
import { escapeControl } from '../log.js'
import { compilePattern } from './pattern.js'
import type { ArgumentPatterns, CommandSettings } from './settings.js'

/**
 * Checks a call's arguments.
 * @param settings the command's; without patterns any arguments are taken
 * @param args the very texts that the command would get
 * @returns why they are refused, for the caller to read; `undefined` when they are taken
 */
export function checkArgs(settings: CommandSettings, args: readonly string[]): string | undefined {
  if (settings.args === undefined) return undefined
  const reason = whyCountWrong(settings.args, args.length) ?? whyOneWrong(settings, args)
  if (reason === undefined) return undefined
  return settings.usage === undefined ? reason : `${reason}; usage: ${escapeControl(settings.usage)}`
}

function whyCountWrong({ patterns, isLastRepeated }: ArgumentPatterns, count: number): string | undefined {
  const least = isLastRepeated ? patterns.length - 1 : patterns.length
  if (isLastRepeated ? count >= least : count === least) return undefined
  const wanted = least === 0 ? 'no arguments' : `${least} argument${least === 1 ? '' : 's'}`
  return `it takes ${wanted}${isLastRepeated ? ' or more' : ''}, ${count} given`
}

function whyOneWrong(settings: CommandSettings, args: readonly string[]): string | undefined {
  const { patterns = [] } = settings.args ?? {}
  for (const [index, arg] of args.entries()) {
    const why = whyWrong(patterns[Math.min(index, patterns.length - 1)] ?? '', arg)
    if (why !== undefined)
      return `argument ${index + 1} (${shown(arg, settings.secretArgs?.includes(index + 1))}) ${why}`
  }
  return undefined
}

/** What begins with `-` is an option to most programs, so only a pattern that visibly means one lets it through. */
const beginsWithHyphen = /^\^?(?:\((?:\?:)?)*-/

function whyWrong(source: string, arg: string): string | undefined {
  if (arg.length > patternedArgLengthMax)
    return `is longer than the ${patternedArgLengthMax} characters that this command takes`
  if (arg.startsWith('-') && !beginsWithHyphen.test(source))
    return 'begins with "-" as an option does, which this command does not take there'
  const pattern = compilePattern(source)
  const isMatch = !('reason' in pattern) && pattern.matches(arg)
  return isMatch ? undefined : 'does not match what this command takes'
}

function shown(arg: string, isSecret = false): string {
  if (isSecret) return '***'
  return `"${escapeControl(arg.length > 64 ? `${arg.slice(0, 64)}…` : arg)}"`
}
