/**
 * How the machines of managed guests are, by what their drivers say: several are asked at once, each for a limited time.
 * One that cannot be asked is `unknown`, with the reason, and stops no other.
 */
import { inTime, sentenceOf, systemClock, silentLog } from '@negotiator/common'
import type { Clock } from '@negotiator/common'
import { driverMachines } from '../../drivers/drivers.js'
import type { DriverPlaces } from '../../drivers/kind.js'
import type { MachineStatus } from '../../drivers/machines.js'
import type { DefinitionValues } from '../../managed/definition-values.js'
import type { Revision } from '../../managed/store/kept-file.js'

/** A machine that was looked at. */
export type MachineLook = MachineStatus | { readonly state: 'unknown'; readonly reason: string }

/** What looking needs. */
export interface LookNeeds extends Pick<DriverPlaces, 'root' | 'runFolder' | 'stateFolder'> {
  readonly clock?: Clock
}

const asksAtOnceMax = 8

/** QEMU's monitor is given 5 s by its driver, whose sentence says more than ours. */
const answerTimeoutMs = 6_000

/** A guest, and how its machine is. */
export interface GuestLook extends Revision {
  readonly machine: MachineLook
}

/** Looks at the machines of guests. @returns them, in their order */
export async function lookAtMachines(
  guests: readonly Revision[],
  needs: LookNeeds,
): Promise<readonly GuestLook[]> {
  const looks: GuestLook[] = []
  // All take from the same, so each guest is one's.
  const waiting = guests.entries()
  const lookOn = async (): Promise<void> => {
    for (const [index, guest] of waiting)
      looks[index] = { ...guest, machine: await lookAtMachine(guest.values, needs) }
  }
  await Promise.all(Array.from({ length: asksAtOnceMax }, lookOn))
  return looks
}

/** Looks at one machine. */
export async function lookAtMachine(guest: DefinitionValues, needs: LookNeeds): Promise<MachineLook> {
  const { clock = systemClock, ...places } = needs
  const { uuid, driver } = guest
  const stop = new AbortController()
  const ask = async (): Promise<MachineStatus> => {
    const machines = await driverMachines(driver, { ...places, clock, log: silentLog })
    return await machines.state({ uuid, signal: stop.signal })
  }
  try {
    const answer = await inTime(clock, { promise: ask(), timeoutMs: answerTimeoutMs })
    return answer?.value ?? unknown(`its driver has not answered within ${answerTimeoutMs / 1000} s`)
  } catch (error) {
    return unknown(sentenceOf(error))
  } finally {
    stop.abort()
  }
}

function unknown(reason: string): MachineLook {
  return { state: 'unknown', reason }
}

/** For people. */
export function stateText(look: MachineLook): string {
  return look.state === 'ended' ? `ended (${look.end})` : look.state
}
