/**
 * Whether a hook is wanted here and now, by the conditions in its settings.
 * Floor 5. Pure.
 */
import { didYouMean } from '../nearest.js'
import { matchesGlob } from '../policy/glob.js'
import type { Glob } from '../policy/glob.js'
import { shown } from '../registry/settings-text.js'
import type { HookSettings, Plain } from './hook-settings.js'
import type { Subject } from './outcome.js'
import type { HookSide } from './phase.js'

/** Where and about what a phase is run. */
export interface Circumstances {
  readonly side: HookSide
  readonly subject: Subject
  /** The daemon's effective configuration. */
  readonly settings: Readonly<Record<string, unknown>>
}

/**
 * Why a hook is not wanted, if so: each condition must hold, and a no of any of them is the last word.
 * @returns a `reason`, and whether it `isFault`, for a condition on what does not exist is a slip of the pen
 */
export function whyUnwanted(
  hook: HookSettings,
  { side, subject, settings }: Circumstances,
): { readonly reason: string; readonly isFault: boolean } | undefined {
  const unknown = Object.keys(hook.whenSetting ?? {}).find((key) => !Object.hasOwn(settings, key))
  if (unknown !== undefined) {
    const hint = didYouMean(unknown.slice(0, 64), Object.keys(settings))
    return {
      reason: `its "when-setting" asks for "${shown(unknown)}", and there is no such setting of the ${side}${hint}`,
      isFault: true,
    }
  }
  const reason =
    (hook.isEnabled === false ? 'its settings switch it off' : undefined) ??
    (hook.side !== undefined && hook.side !== side ? `it is for the ${hook.side}` : undefined) ??
    whyOtherGuest(hook, subject.guest?.name) ??
    whyOtherSetting(hook.whenSetting ?? {}, settings)
  return reason === undefined ? undefined : { reason, isFault: false }
}

function whyOtherGuest({ guests, notGuests }: HookSettings, name: string | undefined): string | undefined {
  const isAmong = (globs: readonly Glob[]): boolean =>
    name !== undefined && globs.some((glob) => matchesGlob(glob, name))
  if (notGuests !== undefined && isAmong(notGuests)) return 'the guest is among its "not-guests"'
  return guests !== undefined && !isAmong(guests) ? 'the guest is not among its "guests"' : undefined
}

function whyOtherSetting(
  wanted: Readonly<Record<string, Plain>>,
  settings: Readonly<Record<string, unknown>>,
): string | undefined {
  const other = Object.entries(wanted).find(([key, value]) => {
    const actual = settings[key]
    return Array.isArray(actual) ? !actual.includes(value) : actual !== value
  })
  return other === undefined ? undefined : `the setting "${other[0]}" is another`
}
