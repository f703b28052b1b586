/**
 * Asks a guest for its own hooks of a phase, by its command `lifecycle`, and makes one result of the answer.
 * Floor 8. Doubt denies: in a phase that waits for an answer, a guest that cannot be asked has said no.
 */
import { finished } from 'node:stream/promises'
import { systemClock } from '../../clock.js'
import type { Client } from '../../control/client.js'
import { UsageError } from '../../errors.js'
import { KeptOutput } from '../../hooks/kept-output.js'
import type { HookResult, Subject } from '../../hooks/outcome.js'
import { phaseNamed, phases } from '../../hooks/phase.js'
import type { Phase, PhaseName } from '../../hooks/phase.js'
import { guestHooksTimeoutMs, hookOutputBytesMax } from '../../hooks/limits.js'
import { safeJson } from '../../safe-json.js'
import type { Result } from '../../wire/result.js'
import { vetoExitCode } from '../exit-code.js'

/** A question to a guest. */
export interface GuestQuestion {
  readonly phase: Phase
  /** As the daemon finds it: its uuid where that was given, for names may change hands. */
  readonly target: string
  /** What the result is called by, among those of hooks. */
  readonly hook: string
  /** What else its hooks are told, as JSON. */
  readonly told: string | undefined
}

/** @throws {UsageError} `no-such-phase` for one that a guest does not have, `bad-subject` without a guest */
export function questionFor(name: PhaseName, { guest, ...more }: Subject): GuestQuestion {
  const phase = phaseNamed(name, 'host')
  if (!isAsked(phase))
    throw new UsageError(
      `Cannot ask a guest about "${name}": it has hooks of its own for ${phases
        .filter(isAsked)
        .map((each) => each.name)
        .join(', ')}; leave --in-guest out`,
      { code: 'no-such-phase' },
    )
  if (guest === undefined)
    throw new UsageError('Cannot ask a guest: --in-guest does not say which; name it by --guest', {
      code: 'bad-subject',
    })
  const told = Object.keys(more).length === 0 ? undefined : safeJson(more)
  return { phase, target: guest.uuid ?? guest.name, hook: `in ${guest.name}`, told }
}

function isAsked({ mode, sides }: Phase): boolean {
  return mode === 'guest' && sides.length > 1
}

/** Asks; never rejects for what the guest does. What it printed is part of the result. */
export async function askGuest(
  client: Pick<Client, 'call'>,
  { phase, target, hook, told, signal }: GuestQuestion & { readonly signal: AbortSignal },
): Promise<HookResult> {
  const startMs = systemClock.now()
  const call = client.call(
    { target, command: 'lifecycle', args: [phase.name, ...(told === undefined ? [] : ['--subject', told])] },
    { timeoutMs: guestHooksTimeoutMs, signal },
  )
  const kept = new KeptOutput([call.stdout, call.stderr], { bytesMax: hookOutputBytesMax })
  const { isNo, ...ending } = endingOf(await call.result)
  await Promise.all([finished(call.stdout), finished(call.stderr)])
  const durationMs = Math.round(systemClock.now() - startMs)
  return { hook, ...ending, durationMs, output: kept.text, isVeto: phase.hasVeto && isNo }
}

function endingOf(result: Result): Pick<HookResult, 'outcome' | 'reason'> & { readonly isNo: boolean } {
  if (result.kind === 'signalled') return notAsked(`for its command was ended by ${result.signal}`)
  if (result.kind === 'unknown-command')
    return notAsked('for it has no command "lifecycle"; bring its negotiator-guest up to date')
  if (result.kind !== 'exited') return notAsked(`${result.kind}: ${result.reason}`)
  switch (result.code) {
    case 0:
      return { outcome: 'done', isNo: false }
    case 1:
      return { outcome: 'failed', reason: 'one of its hooks was not done', isNo: false }
    case vetoExitCode:
      return { outcome: 'failed', reason: 'one of its hooks has said no', isNo: true }
    default:
      return notAsked(`for its command ended with exit status ${result.code}`)
  }
}

function notAsked(why: string): ReturnType<typeof endingOf> {
  return { outcome: 'not-run', reason: `it could not be asked, ${why}`, isNo: true }
}
