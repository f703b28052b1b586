/**
 * What becomes of a guest when the daemon stops, or the host goes down, as its definition says.
 */
import { sentenceOf } from '@negotiator/common'
import type { DownAction } from '../definition.js'
import { statusOf, stopped } from './guest-acts.js'
import type { Acting, StopWish } from './guest-acts.js'
import type { GuestAtHand } from './guest-at-hand.js'
import type { CameOut } from './report.js'
import { suspendMachine } from './suspend-machine.js'
import { withDeadline } from './with-deadline.js'

/** Does what a definition wants when the daemon, or the host, goes down. One that cannot be suspended is stopped. */
export async function takeDown({
  runner,
  signal,
  action,
  ...wish
}: Acting & StopWish & { readonly action: DownAction }): Promise<CameOut> {
  if (action === 'ignore') return { outcome: 'ignored' }
  return await runner.act({
    doing: action === 'suspend' ? 'suspend' : 'stop',
    signal,
    action: async (guest, until) => {
      const { state } = await statusOf(guest, until)
      if (state === 'ended') return { outcome: 'ignored', reason: 'it has ended, and is kept' }
      if (state === 'suspended') return { outcome: 'suspended' }
      if (state === 'off') return { outcome: 'off' }
      const whyNot = action === 'suspend' ? await trySuspend(guest, { wish, signal: until }) : undefined
      if (action === 'suspend' && whyNot === undefined) return { outcome: 'suspended' }
      const came = await stopped(guest, { state, wish, signal: until })
      return { ...came, reason: came.reason ?? whyNot }
    },
  })
}

/** @returns why it is not suspended */
async function trySuspend(
  guest: GuestAtHand,
  { wish: { untilMs }, signal }: { readonly wish: StopWish; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { clock, definition } = guest
  const limitMs = untilMs === undefined ? undefined : untilMs - clock.now() - (definition.stop.killMs ?? 0)
  try {
    const done = await withDeadline({ clock, limitMs, signal }, async (until) => {
      await suspendMachine(guest, until)
    })
    return done === 'late' ? 'it could not be suspended in time' : undefined
  } catch (error) {
    signal.throwIfAborted()
    return sentenceOf(error)
  }
}
