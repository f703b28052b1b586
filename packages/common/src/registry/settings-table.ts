/**
 * Which settings a command can have, each with what it takes.
 * Floor 4. Pure. A value is never shown: the reasons reach the caller, and a value may be a path or a secret.
 */
import { isAbsolute } from 'node:path'
import {
  cpuSecondsLimitMax,
  patternCountMax,
  secretArgsMax,
  streamCountMax,
  summaryLengthMax,
} from '../limits.js'
import { parseByteCount, parseDurationMs, wantedByteCount, wantedDuration } from '../quantities.js'
import type { CommandKind } from './command.js'
import { compilePattern } from './pattern.js'
import type { CommandSettings } from './settings.js'
import { readEnvironment } from './settings-environment.js'
import { account, integer, line, listOf, textAs, textThat, truth } from './settings-values.js'
import type { BadValue } from './settings-values.js'

/** One setting. */
export interface Setting {
  readonly read: (value: unknown) => CommandSettings | BadValue
  /** The kinds of command on which it is enforced; with another kind the file is refused. */
  readonly kinds: readonly CommandKind[]
}

interface SimpleSetting<Value> {
  readonly kinds?: readonly CommandKind[]
  /** `undefined` for a value of another shape. */
  readonly parse: (value: unknown) => Value | undefined
  readonly wanted: string
  readonly as: (value: Value) => CommandSettings
}

const allKinds: readonly CommandKind[] = ['executable', 'module', 'socket']
/** What a worker can have, too: a service was started by others. */
const startedHere: readonly CommandKind[] = ['executable', 'module']
/** What belongs to a process of its own: a module runs in the daemon's, a service was started by others. */
const executables: readonly CommandKind[] = ['executable']

/** What only a module has. */
const modules: readonly CommandKind[] = ['module']

const wantedLine = `a text in quotes, one line of at most ${summaryLengthMax} characters`
const wantedUser = 'a name in quotes or a number'
const wantedCount = `a whole number from 1 to ${streamCountMax}`

/** The settings by their names in the file, in the order of commands/README.md. */
export const settingsTable: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['summary', setting({ parse: line, wanted: wantedLine, as: (summary) => ({ summary }) })],
  ['usage', setting({ parse: line, wanted: wantedLine, as: (usage) => ({ usage }) })],
  ['args', { kinds: allKinds, read: readArgs }],
  // What it means depends on `args`, which registry/settings-file.ts knows by then.
  ['more-args', setting({ parse: truth, wanted: 'true or false', as: () => ({}) })],
  ['user', setting({ kinds: executables, parse: account, wanted: wantedUser, as: (user) => ({ user }) })],
  ['group', setting({ kinds: executables, parse: account, wanted: wantedUser, as: (group) => ({ group }) })],
  [
    'groups',
    setting<readonly string[]>({
      kinds: executables,
      parse: listOf(account),
      wanted: 'a list of names or numbers',
      as: (groups) => ({ groups }),
    }),
  ],
  [
    'folder',
    setting({
      kinds: executables,
      parse: textThat((text) => isAbsolute(text) && !text.includes('\0')),
      wanted: 'a path in quotes that begins with "/"',
      as: (folder) => ({ folder }),
    }),
  ],
  ['environment', { kinds: startedHere, read: readEnvironment }],
  ['stdin', setting({ parse: truth, wanted: 'true or false', as: (hasStdin) => ({ hasStdin }) })],
  [
    'timeout',
    setting<number>({
      parse: textAs(parseDurationMs),
      wanted: wantedDuration,
      as: (timeoutMs) => ({ timeoutMs }),
    }),
  ],
  [
    'max-concurrent',
    setting<number>({
      parse: integer({ min: 1, max: streamCountMax }),
      wanted: wantedCount,
      as: (concurrentMax) => ({ concurrentMax }),
    }),
  ],
  [
    'when-full',
    setting({ parse: waitOrBusy, wanted: '"wait" or "busy"', as: (full) => ({ whenFull: full }) }),
  ],
  [
    'max-output',
    setting<number>({
      parse: textAs(parseByteCount),
      wanted: wantedByteCount,
      as: (outputBytesMax) => ({ outputBytesMax }),
    }),
  ],
  [
    'nice',
    setting<number>({
      kinds: executables,
      parse: integer({ min: -20, max: 19 }),
      wanted: 'a whole number from -20 to 19',
      as: (nice) => ({ nice }),
    }),
  ],
  [
    'max-memory',
    setting<number>({
      kinds: startedHere,
      parse: textAs(parseByteCount),
      wanted: wantedByteCount,
      as: (memoryBytesMax) => ({ memoryBytesMax }),
    }),
  ],
  [
    'max-cpu-seconds',
    setting<number>({
      kinds: executables,
      parse: integer({ min: 1, max: cpuSecondsLimitMax }),
      wanted: `a whole number from 1 to ${cpuSecondsLimitMax}`,
      as: (seconds) => ({ cpuSecondsMax: seconds }),
    }),
  ],
  [
    'worker',
    setting({
      kinds: modules,
      parse: textThat((text) => /^[a-z][a-z0-9-]{0,31}$/.test(text)),
      wanted: 'a name in quotes: small letters, digits and "-", 32 at most',
      as: (worker) => ({ worker }),
    }),
  ],
  ['secret-args', { kinds: allKinds, read: readSecretArgs }],
])

function setting<Value>({ kinds = allKinds, parse, wanted, as }: SimpleSetting<Value>): Setting {
  const read = (value: unknown): CommandSettings | BadValue => {
    const parsed = parse(value)
    return parsed === undefined ? { bad: `wants ${wanted}` } : as(parsed)
  }
  return { kinds, read }
}

function readArgs(value: unknown): CommandSettings | BadValue {
  const patterns = listOf(textThat(() => true))(value)
  if (patterns === undefined) return { bad: `wants a list of regular expressions, e.g. ['[a-z]+', '[0-9]+']` }
  if (patterns.length > patternCountMax) return { bad: `has more than ${patternCountMax} patterns` }
  for (const [index, source] of patterns.entries()) {
    const pattern = compilePattern(source)
    if ('reason' in pattern) return { bad: `has a fault in pattern ${index + 1}: ${pattern.reason}` }
  }
  return { args: { patterns, isLastRepeated: false } }
}

function readSecretArgs(value: unknown): CommandSettings | BadValue {
  const secretArgs = listOf(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))(value)
  if (secretArgs === undefined) return { bad: 'wants a list of positions from 1 on, e.g. [2]' }
  if (secretArgs.length > secretArgsMax) return { bad: `has more than ${secretArgsMax} positions` }
  return { secretArgs }
}

function waitOrBusy(value: unknown): 'wait' | 'busy' | undefined {
  return value === 'wait' || value === 'busy' ? value : undefined
}
