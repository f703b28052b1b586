/**
 * What a system command is: a function of its arguments and the machine, and what it takes.
 * as-module.ts makes a module command of it.
 */
import type { Machine } from './machine.js'

/** A command. */
export interface SystemCommand {
  readonly name: string
  /** What stands behind the name, such as `USER [--hash]`; shown when the arguments are wrong. `--json` is everybody's. */
  readonly usage?: string
  readonly options?: Readonly<Record<string, OptionKind>>
  /** How many arguments beside the options; none unless told. */
  readonly operands?: { readonly min: number; readonly max: number }
  readonly run: (call: SystemCall) => Promise<Answer | undefined>
}

/** `flag` stands alone, `value` has one, `list` may be given several times, each with one or with more, parted by commas. */
export type OptionKind = 'flag' | 'value' | 'list'

/** One call. */
export interface SystemCall {
  readonly machine: Machine
  readonly options: OptionValues
  readonly operands: readonly string[]
  /** Standard input, chunk by chunk. */
  readonly stdin: AsyncIterable<Uint8Array>
  /** Fires when the caller has gone or its time is over. */
  readonly signal: AbortSignal
  /** Writes to standard output, for an answer that is no {@link Answer}; waits for a slow reader. */
  readonly write: (content: string | Uint8Array) => Promise<void>
  /** Who calls, as this side knows it. */
  readonly caller: { readonly kind: string; readonly name: string }
}

/** What was given, by the options' names; what was not given is absent. */
export interface OptionValues {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly lists: ReadonlyMap<string, readonly string[]>
}

/** What is printed: with `--json` the object, without it the lines. */
export interface Answer {
  readonly json: object
  /** For people; what a terminal would obey is taken out of them. */
  readonly lines: readonly string[]
}
