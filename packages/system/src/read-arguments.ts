/**
 * Reads a command's arguments: options in any order, `--` before operands that begin with `-`. Pure.
 */
import { didYouMean } from '@negotiator/common'
import type { OptionKind, OptionValues, SystemCommand } from './command.js'
import { wrongUsage } from './failure.js'

/** What was given. */
export interface Arguments {
  readonly isJson: boolean
  readonly options: OptionValues
  readonly operands: readonly string[]
}

/** @throws {CommandFailure} with a sentence that says what is wrong and what is wanted */
export function readArguments(command: SystemCommand, args: readonly string[]): Arguments {
  const reader = new ArgumentReader(command)
  for (let at = 0; at < args.length; at += 1) at += reader.take(args[at] ?? '', args[at + 1])
  return reader.finish()
}

class ArgumentReader {
  readonly #command: SystemCommand
  readonly #kinds: ReadonlyMap<string, OptionKind>
  readonly #flags = new Set<string>()
  readonly #values = new Map<string, string>()
  readonly #lists = new Map<string, readonly string[]>()
  readonly #operands: string[] = []
  #areOptionsOver = false

  constructor(command: SystemCommand) {
    this.#command = command
    this.#kinds = new Map(Object.entries({ ...command.options, json: 'flag' as const }))
  }

  /** Takes one argument. @returns how many behind it were taken, too */
  take(argument: string, next: string | undefined): number {
    if (this.#areOptionsOver || !argument.startsWith('-') || argument === '-') this.#operands.push(argument)
    else if (argument === '--') this.#areOptionsOver = true
    else return this.#takeOption(argument, next)
    return 0
  }

  finish(): Arguments {
    const { min, max } = this.#command.operands ?? { min: 0, max: 0 }
    const { length } = this.#operands
    if (length < min || length > max) {
      const wanted = max === 0 ? 'takes no arguments' : `wants ${countOf({ min, max })}`
      this.#fail(`it ${wanted}, ${length} given`)
    }
    const options = { flags: this.#flags, values: this.#values, lists: this.#lists }
    return { isJson: this.#flags.has('json'), options, operands: this.#operands }
  }

  #takeOption(argument: string, next: string | undefined): number {
    const [, name = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? []
    const kind = this.#kinds.get(name)
    if (kind === undefined) return this.#refuse(argument)
    if (kind === 'flag') {
      if (inline !== undefined) this.#fail(`--${name} takes no value`)
      this.#flags.add(name)
      return 0
    }
    const value = inline ?? next
    if (value === undefined) return this.#fail(`--${name} wants a value behind it`)
    if (kind === 'list') this.#lists.set(name, [...(this.#lists.get(name) ?? []), ...value.split(',')])
    else if (this.#values.has(name)) this.#fail(`--${name} is given twice`)
    else this.#values.set(name, value)
    return inline === undefined ? 1 : 0
  }

  #refuse(argument: string): never {
    const shown = argument.slice(0, 64)
    const names = [...this.#kinds.keys()].map((name) => `--${name}`)
    return this.#fail(`there is no option ${JSON.stringify(shown)}${didYouMean(shown, names)}`)
  }

  #fail(reason: string): never {
    const { name, usage } = this.#command
    const words = [name, usage, '[--json]'].filter((word) => word !== undefined).join(' ')
    throw wrongUsage(`Cannot run ${name}: ${reason}; usage: ${words}`)
  }
}

function countOf({ min, max }: { min: number; max: number }): string {
  if (max === Infinity) return `at least ${min} arguments`
  return min === max ? `${min} arguments` : `${min} to ${max} arguments`
}
