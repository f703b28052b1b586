/**
 * Suspends a guest that runs, after its own hooks and the host's have had their say.
 */
import { DeniedError } from '@negotiator/common'
import type { GuestAtHand } from './guest-at-hand.js'
import { askHooks, tellResumed } from './start-machine.js'

/** A guest's own hooks of `before-hibernation` may take so long, one behind the other. */
const hooksMs = 60_000

/** A hook of the guest was not done, and none has said no. @see commands/guest/lifecycle */
const notDoneExitCode = 1

/**
 * Suspends it. Whoever was told that it is about to be suspended, and is not, is told that it goes on.
 * @throws {DeniedError} `vetoed`; as `Machines.suspend` does
 */
export async function suspendMachine(guest: GuestAtHand, signal: AbortSignal): Promise<void> {
  const { definition, machines, log } = guest
  const { uuid, name } = definition
  try {
    await askGuest(guest, signal)
    await askHooks(guest, { phase: 'before-hibernation', verb: 'suspend', more: {}, signal })
    await machines.suspend({ uuid, signal })
  } catch (error) {
    await tellResumed(guest, signal).catch(() => undefined) // Why it was not suspended is what matters.
    throw error
  }
  log.info('A managed guest was suspended', { guest: name, uuid })
}

/** A guest without an agent cannot object. */
async function askGuest(
  { definition: { uuid, name }, inGuest, log }: GuestAtHand,
  signal: AbortSignal,
): Promise<void> {
  const call = { uuid, command: 'lifecycle', args: ['before-hibernation'], timeoutMs: hooksMs, signal }
  const answer = await inGuest.run(call)
  if (answer.kind !== 'refused') return
  if (answer.exitCode === notDoneExitCode) {
    log.warn('A hook of a guest that is being suspended was not done', { guest: name, reason: answer.reason })
    return
  }
  throw new DeniedError(`Cannot suspend "${name}": the guest itself has said no (${answer.reason})`, {
    code: 'vetoed',
  })
}
