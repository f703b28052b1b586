/**
 * The settings of a hook, from `NN-name.toml` beside it: when it is wanted, after which others, how long, and whether its word counts.
 * Floor 5. Pure. All of them are good, or the hook is refused: it never runs with half of them.
 */
import { didYouMean } from '../nearest.js'
import type { Glob } from '../policy/glob.js'
import { readWord } from '../policy/word.js'
import { parseDurationMs, wantedDuration } from '../quantities.js'
import { parseSettingsText, placeOf, shown } from '../registry/settings-text.js'
import { listOf, textAs, textThat, truth } from '../registry/settings-values.js'
import { isHookName } from './hook-name.js'
import type { HookSide, Phase } from './phase.js'

/** What a file may set; each is absent unless it does. */
export interface HookSettings {
  readonly isEnabled?: boolean
  readonly side?: HookSide
  readonly guests?: readonly Glob[]
  readonly notGuests?: readonly Glob[]
  /** Settings of the daemon, and what each must be. */
  readonly whenSetting?: Readonly<Record<string, Plain>>
  readonly requires?: readonly string[]
  readonly isParallel?: boolean
  readonly timeoutMs?: number
  readonly isVeto?: boolean
}

/** A value that a condition can name. */
export type Plain = string | number | boolean

interface Setting {
  readonly read: (value: unknown) => HookSettings | undefined
  readonly wanted: string
}

const wantedTruth = 'true or false'
const wantedGuests = 'a list of guests\' names or patterns, e.g. ["web-*"]'

const table: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['enabled', setting(truth, wantedTruth, (isEnabled) => ({ isEnabled }))],
  ['side', setting(sideOf, '"host" or "guest"', (side) => ({ side }))],
  ['guests', setting(listOf(textAs(globOf)), wantedGuests, (guests) => ({ guests }))],
  ['not-guests', setting(listOf(textAs(globOf)), wantedGuests, (notGuests) => ({ notGuests }))],
  [
    'when-setting',
    setting(plainTable, 'a table, e.g. { drivers = "libvirt" }', (whenSetting) => ({ whenSetting })),
  ],
  [
    'requires',
    setting(listOf(textThat(isHookName)), 'a list of hooks, e.g. ["20-network"]', (requires) => ({
      requires,
    })),
  ],
  ['parallel', setting(truth, wantedTruth, (isParallel) => ({ isParallel }))],
  ['timeout', setting(textAs(parseDurationMs), wantedDuration, (timeoutMs) => ({ timeoutMs }))],
  ['veto', setting(truth, wantedTruth, (isVeto) => ({ isVeto }))],
])

/** Reads a file's text. @returns the settings, or what is wrong with them, such as `line 3: "veto" wants true or false` */
export function parseHookSettings(text: string, phase: Phase): HookSettings | { readonly reason: string } {
  const parsed = parseSettingsText(text)
  if ('fault' in parsed) return { reason: parsed.fault }
  let settings: HookSettings = {}
  for (const [key, value] of Object.entries(parsed.entries)) {
    const at = placeOf({ key, entry: key, text })
    const known = table.get(key)
    if (known === undefined) {
      const hint = didYouMean(key.slice(0, 64), table.keys()) || `; there are ${[...table.keys()].join(', ')}`
      return { reason: `${at}there is no setting "${shown(key)}"${hint}` }
    }
    const read = known.read(value)
    if (read === undefined) return { reason: `${at}"${key}" wants ${known.wanted}` }
    if (read.isVeto === true && !phase.hasVeto)
      return { reason: `${at}"veto" cannot be set here, for nothing waits for "${phase.name}"; leave it out` }
    settings = { ...settings, ...read }
  }
  return settings
}

function setting<Value>(
  parse: (value: unknown) => Value | undefined,
  wanted: string,
  as: (value: Value) => HookSettings,
): Setting {
  const read = (value: unknown): HookSettings | undefined => {
    const parsed = parse(value)
    return parsed === undefined ? undefined : as(parsed)
  }
  return { read, wanted }
}

function sideOf(value: unknown): HookSide | undefined {
  return value === 'host' || value === 'guest' ? value : undefined
}

/** Written as in a policy. */
function globOf(text: string): Glob | undefined {
  try {
    return text === '' ? undefined : readWord({ text, at: 0 })
  } catch {
    return undefined // The sentence about the setting says what is wanted.
  }
}

function plainTable(value: unknown): Readonly<Record<string, Plain>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  const isPlain = (entry: [string, unknown]): entry is [string, Plain] =>
    ['string', 'number', 'boolean'].includes(typeof entry[1])
  return entries.every(isPlain) ? Object.fromEntries(entries) : undefined
}
