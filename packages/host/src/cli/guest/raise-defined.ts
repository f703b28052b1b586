/**
 * Raises the phase `defined` for a guest that is new: its hooks are run as whoever defines it, and none can take the definition back.
 */
import { escapeControl, openHooks, sentenceOf, silentLog, systemClock } from '@negotiator/common'
import type { HookResult } from '@negotiator/common'
import type { Revision } from '../../managed/store/kept-file.js'
import { tell } from './act.js'
import type { GuestAction } from './act.js'

/** Runs the hooks, and tells of those that have failed; the program exits with 1 then. */
export async function raiseDefined(
  { context, command }: GuestAction,
  { values: { name, uuid } }: Revision,
): Promise<void> {
  const stop = new AbortController()
  // Hooks are in process groups of their own, which a terminal's Ctrl-C does not reach.
  const forget = context.options.terminal.onInterrupt(() => stop.abort())
  const faults = await failedHooks({ context, command }, { guest: { name, uuid }, signal: stop.signal })
  forget()
  if (faults.length === 0) return
  context.exitCode = 1
  for (const fault of faults) tell(context, `${escapeControl(fault)}; "${name}" stays defined`)
}

async function failedHooks(
  { context, command }: Pick<GuestAction, 'context' | 'command'>,
  { guest, signal }: { guest: { name: string; uuid: string }; signal: AbortSignal },
): Promise<readonly string[]> {
  try {
    const config = await context.config(command)
    const hooks = await openHooks({ side: 'host', config, clock: systemClock, log: silentLog })
    const { results } = await hooks.runPhase({ phase: 'defined', subject: { guest }, signal })
    return results.filter(isBad).map(sentenceOfHook)
  } catch (error) {
    return [sentenceOf(error)]
  }
}

function isBad({ outcome }: HookResult): boolean {
  return outcome !== 'done' && outcome !== 'skipped'
}

function sentenceOfHook({ hook, outcome, reason, output }: HookResult): string {
  const said = output.trim()
  const words = said === '' ? '' : `, saying "${said}"`
  return `The hook "${hook}" of "defined" was not done: ${outcome}${reason === undefined ? '' : `, ${reason}`}${words}`
}
