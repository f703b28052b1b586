/**
 * Which of the program's two faces a command line means, and what it asks for in the old one: that of python-negotiator.
 * Floor 8. Pure. It is the old face when an option that only that has stands before the first argument that is none.
 */
import type { Side } from '../../agent/paths.js'
import { readOptions } from './getopt.js'
import type { GivenOption, KnownOption } from './getopt.js'

/** What the old face can do. */
export type OldAction =
  | { readonly kind: 'list-guests' }
  | { readonly kind: 'list-commands'; readonly target: string }
  | { readonly kind: 'execute'; readonly target: string; readonly commandLine: string }
  | { readonly kind: 'daemon' }

/** What was asked for. */
export interface OldRequest {
  /** In order; the first failure is the last that is done. */
  readonly actions: readonly OldAction[]
  /** For each action but the daemon; `undefined`: no limit. */
  readonly timeoutMs: number | undefined
  /** How many times more `-v` than `-q` was given. */
  readonly verbosity: number
  /** Guest: the device of the port on which the host calls. */
  readonly device: string | undefined
  readonly root: string | undefined
  readonly config: string | undefined
  /** Whether any failure is exit status 1. */
  readonly isClassicExit: boolean
}

/** What a command line means. */
export type Face =
  | { readonly kind: 'new' }
  | { readonly kind: 'help' }
  | { readonly kind: 'old'; readonly request: OldRequest }
  | { readonly kind: 'bad'; readonly reason: string; readonly isClassicExit: boolean }

const defaultTimeoutMs = 10_000

/** The most that python-negotiator takes. */
const secondsMax = 2 ** 31 - 1

const oldOptions: Readonly<Record<Side, readonly KnownOption[]>> = {
  host: [
    { long: 'list-guests', short: 'g', hasValue: false },
    { long: 'list-commands', short: 'c', hasValue: false },
    { long: 'execute', short: 'e', hasValue: true },
    { long: 'timeout', short: 't', hasValue: true },
    { long: 'daemon', short: 'd', hasValue: false },
  ],
  guest: [
    { long: 'list-commands', short: 'l', hasValue: false },
    { long: 'execute', short: 'e', hasValue: true },
    { long: 'daemon', short: 'd', hasValue: false },
    { long: 'timeout', short: 't', hasValue: true },
    { long: 'character-device', short: 'c', hasValue: true },
  ],
}

const classicExit: KnownOption = { long: 'classic-exit', hasValue: false, isExactOnly: true }

/** They mean the same in both faces, and so decide nothing. */
const sharedOptions: readonly KnownOption[] = [
  { long: 'verbose', short: 'v', hasValue: false },
  { long: 'quiet', short: 'q', hasValue: false },
  { long: 'help', short: 'h', hasValue: false },
  { long: 'version', short: 'V', hasValue: false, isExactOnly: true },
  { long: 'root', hasValue: true, isExactOnly: true },
  { long: 'config', hasValue: true, isExactOnly: true },
]

/** Reads a command line as far as the old face reaches. */
export function faceOf(side: Side, argv: readonly string[]): Face {
  const { options, rest, fault } = readOptions([...oldOptions[side], classicExit, ...sharedOptions], argv)
  const seen = [...options.map(({ long }) => long), ...(fault?.candidates ?? [])]
  if (!seen.some((long) => isOldOnly(side, long))) return { kind: 'new' }
  const isClassicExit =
    seen.includes('classic-exit') || (fault !== undefined && argv.includes('--classic-exit'))
  const bad = (reason: string): Face => ({ kind: 'bad', reason, isClassicExit })
  if (fault !== undefined) return bad(fault.reason)
  const timeout = options.findLast(({ long }) => long === 'timeout')?.value ?? '10'
  if (!isWholeSeconds(timeout))
    return bad(`"${timeout}" is no time: wanted a whole number of seconds, or 0 for no limit`)
  if (options.some(({ long }) => long === 'help')) return { kind: 'help' }
  if (side === 'host' && rest.length !== 1 && options.some(isTargeted))
    return bad('one guest must stand behind the options, and nothing else')
  const actions = side === 'host' ? hostActions(options, rest) : guestActions(options)
  if (actions.length > 0) return { kind: 'old', request: requestOf(options, { actions, isClassicExit }) }
  // As python-negotiator has it; but a subcommand behind its options is a mistake.
  return rest.length === 0 ? { kind: 'help' } : bad(`options of "${rest[0]}" must stand behind it`)
}

function isOldOnly(side: Side, name: string): boolean {
  return [...oldOptions[side], classicExit].some(({ long }) => long === name)
}

function isTargeted({ long }: GivenOption): boolean {
  return long === 'list-commands' || long === 'execute'
}

function hostActions(
  options: readonly GivenOption[],
  [target = '']: readonly string[],
): readonly OldAction[] {
  return options.flatMap(({ long, value }): OldAction[] => {
    if (long === 'list-guests' || long === 'daemon') return [{ kind: long }]
    if (long === 'list-commands') return [{ kind: long, target }]
    return long === 'execute' ? [{ kind: long, target, commandLine: value }] : []
  })
}

/** A guest's program does one thing only, and minds nothing behind its options. */
function guestActions(options: readonly GivenOption[]): readonly OldAction[] {
  const last = (name: string): GivenOption | undefined => options.findLast(({ long }) => long === name)
  if (last('daemon') !== undefined) return [{ kind: 'daemon' }]
  if (last('list-commands') !== undefined) return [{ kind: 'list-commands', target: 'host' }]
  const execute = last('execute')
  return execute === undefined ? [] : [{ kind: 'execute', target: 'host', commandLine: execute.value }]
}

function requestOf(
  options: readonly GivenOption[],
  { actions, isClassicExit }: { actions: readonly OldAction[]; isClassicExit: boolean },
): OldRequest {
  const count = (name: string): number => options.filter(({ long }) => long === name).length
  const last = (name: string): string | undefined => options.findLast(({ long }) => long === name)?.value
  const seconds = last('timeout')
  const timeoutMs = seconds === undefined ? defaultTimeoutMs : Number(seconds) * 1000
  return {
    actions,
    // Python hands a negative number to alarm(), which makes more than a century of it.
    timeoutMs: timeoutMs > 0 ? timeoutMs : undefined,
    verbosity: count('verbose') - count('quiet'),
    device: last('character-device'),
    root: last('root'),
    config: last('config'),
    isClassicExit,
  }
}

function isWholeSeconds(text: string): boolean {
  return /^\s*[-+]?\d+\s*$/.test(text) && Math.abs(Number(text)) <= secondsMax
}
