/**
 * What becomes of a guest that has ended by itself: its definition says it, and one that ends again and again is left off.
 */
import type { MachineEnd } from '../../drivers/machines.js'
import type { ExitAction, GuestDefinition } from '../definition.js'
import { nextRestart } from './back-off.js'
import type { GuestAtHand } from './guest-at-hand.js'
import type { RunnerTools } from './runner-tools.js'
import { setAside } from './set-aside.js'
import { startMachine, subjectOf } from './start-machine.js'

/** QEMU lets a machine go that has ended; it is killed after so long. */
const letGoMs = 10_000

/** What deciding needs. */
export interface EndedNeeds {
  readonly end: MachineEnd
  readonly tools: RunnerTools
  readonly signal: AbortSignal
}

/** A restart to come. */
export interface WantedRestart {
  readonly waitMs: number
  readonly isSetAside: boolean
}

/**
 * Does what the definition wants of a guest that has ended, but for a restart, which has to be waited for.
 * @returns the restart
 */
export async function settleEnd(guest: GuestAtHand, needs: EndedNeeds): Promise<WantedRestart | undefined> {
  const { end, tools, signal } = needs
  const { definition, log } = guest
  const action = actionFor(definition, end)
  log.info('A managed guest has ended', { guest: definition.name, uuid: definition.uuid, end, action })
  if (end === 'crash')
    await tools.runPhase({ phase: 'crashed', subject: { ...subjectOf(guest), action }, signal })
  switch (action) {
    case 'preserve':
      return undefined
    case 'destroy':
      await leaveOff(guest, needs)
      return undefined
    case 'restart':
    case 'rename-restart': {
      const waitMs = await restartWaitMs(guest, needs)
      return waitMs === undefined ? undefined : { waitMs, isSetAside: action === 'rename-restart' }
    }
  }
}

/** How long a restart has to wait; a guest that was restarted often enough is left off. */
export async function restartWaitMs(guest: GuestAtHand, needs: EndedNeeds): Promise<number | undefined> {
  const { tools } = needs
  const { uuid, name, restart: backOff } = guest.definition
  const record = await tools.records.read(uuid)
  const next = nextRestart(record, { backOff, nowMs: tools.wallClock() })
  if (next === undefined) {
    guest.log.warn(
      'A managed guest has ended again and again and is left off; find out why, then start it with "guest start"',
      { guest: name, uuid, restartCount: record.restartCount },
    )
    await leaveOff(guest, needs)
    return undefined
  }
  await tools.records.change(uuid, { restartCount: next.restartCount })
  return next.waitMs
}

/** Starts a guest again whose wait is over. */
export async function restart(
  guest: GuestAtHand,
  { end, tools, isSetAside, signal }: EndedNeeds & Pick<WantedRestart, 'isSetAside'>,
): Promise<void> {
  const { uuid } = guest.definition
  if (isSetAside) await setAside(guest, { ...tools, end, nowMs: tools.wallClock(), signal })
  await guest.machines.kill({ uuid, signal, graceMs: letGoMs })
  await startMachine(guest, { why: 'restart', signal })
  await tools.records.change(uuid, { startedMs: tools.wallClock() })
}

async function leaveOff({ definition, machines }: GuestAtHand, { tools, signal }: EndedNeeds): Promise<void> {
  const { uuid } = definition
  await machines.kill({ uuid, signal, graceMs: letGoMs })
  await tools.records.change(uuid, { offInBoot: tools.bootId })
}

function actionFor({ onPoweroff, onReboot, onCrash }: GuestDefinition, end: MachineEnd): ExitAction {
  return { poweroff: onPoweroff, reboot: onReboot, crash: onCrash }[end]
}
