/**
 * What an oVirt agent can be asked for as commands: where there is one of ours for it, with its name and its arguments.
 * Floor 6. Pure.
 */
import { parseArgs } from 'node:util'
import type { CatalogueEntry } from '../../call/catalogue.js'
import { ovirtDelaySecondsMax } from './ovirt-limits.js'
import { lifecycleEvents } from './orders.js'
import type { Verb } from './verbs.js'

interface AskedCommand {
  readonly summary: string
  readonly usage: string
  /** @returns `undefined` for other arguments than `usage` has */
  readonly read: (args: readonly string[]) => Verb | undefined
}

const commands: ReadonlyMap<string, AskedCommand> = new Map([
  [
    'power',
    {
      summary: 'Switches the machine off, starts it anew, or lets it sleep',
      usage: 'shutdown|reboot [--delay SECONDS] [--message TEXT], or hibernate|suspend',
      read: powerFrom,
    },
  ],
  [
    'session',
    { summary: "Locks the machine's screen, or logs its user off", usage: 'lock|log-off', read: sessionFrom },
  ],
  [
    'ovirt-lifecycle',
    {
      summary: "Runs the guest's hooks around a migration or hibernation",
      usage: `${lifecycleEvents.join('|')} [failure]`,
      read: lifecycleFrom,
    },
  ],
  [
    'ovirt-refresh',
    { summary: 'Has the agent tell everything anew', usage: '', read: (args) => plain('refresh', args) },
  ],
  [
    'ovirt-echo',
    { summary: 'Asks whether the agent answers', usage: '', read: (args) => plain('echo', args) },
  ],
])

/** All of them, for who lists what can be called. */
export const askedCommands: readonly CatalogueEntry[] = [...commands].map(([name, { summary, usage }]) => ({
  ...{ name, kind: 'ovirt', summary, secretArgs: [] },
  ...(usage !== '' && { usage }),
}))

/** What a command comes to, or the sentence for its caller. */
export type ReadCommand =
  | { readonly kind: 'verb'; readonly verb: Verb }
  | { readonly kind: 'wrong'; readonly sentence: string }

/** Reads a call of one of these commands. */
export function readCommand({
  command,
  args,
}: {
  readonly command: string
  readonly args: readonly string[]
}): ReadCommand {
  const known = commands.get(command)
  const verb = known?.read(args)
  if (verb !== undefined) return { kind: 'verb', verb }
  const wanted = known?.usage === '' ? 'no arguments' : known?.usage
  const sentence = `Cannot ask an oVirt agent for "${command}" with these arguments: wanted ${wanted}`
  return { kind: 'wrong', sentence }
}

function powerFrom(args: readonly string[]): Verb | undefined {
  const read = readOptions(args)
  if (read === undefined || read.positionals.length !== 1) return undefined
  const { delay, message } = read.values
  switch (read.positionals[0]) {
    case 'shutdown':
    case 'reboot': {
      const delaySeconds = delay === undefined ? undefined : secondsFrom(delay)
      if (delaySeconds === 'wrong') return undefined
      return { verb: read.positionals[0], delaySeconds, message }
    }
    case 'hibernate':
    case 'suspend':
      return delay === undefined && message === undefined ? { verb: read.positionals[0] } : undefined
    default:
      return undefined
  }
}

interface ReadOptions {
  readonly values: { readonly delay?: string; readonly message?: string }
  readonly positionals: readonly string[]
}

function readOptions(args: readonly string[]): ReadOptions | undefined {
  const options = { delay: { type: 'string' }, message: { type: 'string' } } as const
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch {
    return undefined // Node's own words name its API; the usage says what is wanted.
  }
}

function secondsFrom(text: string): number | 'wrong' {
  return /^\d{1,6}$/.test(text) && Number(text) <= ovirtDelaySecondsMax ? Number(text) : 'wrong'
}

function sessionFrom(args: readonly string[]): Verb | undefined {
  const [action = '', ...others] = args
  if (action !== 'lock' && action !== 'log-off') return undefined
  return plain(action, others)
}

function lifecycleFrom([type, ...rest]: readonly string[]): Verb | undefined {
  const event = lifecycleEvents.find((known) => known === type)
  if (event === undefined || (rest.length > 0 && rest.join(' ') !== 'failure')) return undefined
  return { verb: 'lifecycle', event, hasFailed: rest.length > 0 }
}

function plain(verb: 'lock' | 'log-off' | 'refresh' | 'echo', args: readonly string[]): Verb | undefined {
  return args.length === 0 ? { verb } : undefined
}
