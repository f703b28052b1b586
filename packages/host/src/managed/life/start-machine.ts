/**
 * Starts a guest's machine, or lets a suspended one go on, after the hooks have had their say.
 */
import { DeniedError } from '@negotiator/common'
import type { PhaseName } from '@negotiator/common'
import type { GuestAtHand } from './guest-at-hand.js'

/** Why it is started: hooks are told. */
export type StartReason = 'asked' | 'daemon-start' | 'restart'

/** How long a guest may take to come back before its own hooks are left out. */
const comeBackMs = 60_000

/** A guest's own hooks of `after-hibernation` may take so long. */
const hooksMs = 60_000

/** What a start needs. */
export interface StartRequest {
  readonly why: StartReason
  readonly signal: AbortSignal
}

/** Starts a machine that is off. @throws {DeniedError} `vetoed`; as `Machines.start` does */
export async function startMachine(guest: GuestAtHand, { why, signal }: StartRequest): Promise<void> {
  const { definition, machines, log } = guest
  await askHooks(guest, { phase: 'starting', verb: 'start', more: { why }, signal })
  await machines.start(definition, signal)
  log.info('A managed guest was started', { guest: definition.name, uuid: definition.uuid, why })
}

/** Lets a suspended machine go on. @throws as `Machines.resume` does */
export async function resumeMachine(guest: GuestAtHand, { why, signal }: StartRequest): Promise<void> {
  const { definition, machines, log } = guest
  await machines.resume(definition, signal)
  log.info('A managed guest was resumed', { guest: definition.name, uuid: definition.uuid, why })
}

/** Tells the hooks of a guest that was resumed once it is back; its own are left out when it does not come. */
export async function tellWhenBack(guest: GuestAtHand, signal: AbortSignal): Promise<void> {
  await guest.inGuest.whenCallable(guest.definition.uuid, { timeoutMs: comeBackMs, signal })
  await tellResumed(guest, signal)
}

/** Tells the hooks, the host's and the guest's own, that a guest has gone on. */
export async function tellResumed(guest: GuestAtHand, signal: AbortSignal): Promise<void> {
  const { uuid } = guest.definition
  await guest.runPhase({ phase: 'after-hibernation', subject: subjectOf(guest), signal })
  const args = ['after-hibernation']
  await guest.inGuest.run({ uuid, command: 'lifecycle', args, timeoutMs: hooksMs, signal })
}

/** Lets the host's hooks say no. @throws {DeniedError} `vetoed` */
export async function askHooks(
  guest: GuestAtHand,
  {
    phase,
    verb,
    more,
    signal,
  }: {
    readonly phase: PhaseName
    readonly verb: string
    readonly more: Readonly<Record<string, unknown>>
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { isVetoed, vetoedBy, results } = await guest.runPhase({
    phase,
    subject: { ...subjectOf(guest), ...more },
    signal,
  })
  if (!isVetoed) return
  const reason = results.find(({ hook }) => hook === vetoedBy)?.reason
  throw new DeniedError(
    `Cannot ${verb} "${guest.definition.name}": the hook "${vetoedBy}" of "${phase}" has said no${reason === undefined ? '' : ` (${reason})`}`,
    { code: 'vetoed' },
  )
}

/** What hooks are told of a guest. */
export function subjectOf({ definition: { name, uuid } }: GuestAtHand): {
  readonly guest: { readonly name: string; readonly uuid: string }
} {
  return { guest: { name, uuid } }
}
