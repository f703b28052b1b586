/**
 * What has to hold of a guest's machine before its definition goes, or names another driver.
 */
import { silentLog, systemClock, UsageError } from '@negotiator/common'
import { driverMachines } from '../../drivers/drivers.js'
import type { DefinitionValues } from '../../managed/definition-values.js'
import { placesOf } from '../places-of.js'
import type { GuestAction } from './act.js'
import { lookAtMachine, stateText } from './machine-looks.js'

/** @throws {UsageError} `unknown-driver`, `driver-runs-nothing`; {@link SystemError} when a driver's module cannot be loaded */
export async function assertDriverRuns(action: GuestAction, { driver }: DefinitionValues): Promise<void> {
  const places = await placesOf(action.context, action.command)
  await driverMachines(driver, { ...places, clock: systemClock, log: silentLog })
}

/** Only its driver knows a machine: with another one it would be started twice, with the same disks. @throws {UsageError} `machine-not-off` */
export async function assertDriverMayChange(
  action: GuestAction,
  { uuid, driver }: DefinitionValues,
): Promise<void> {
  const { guests } = await action.store.read()
  const before = guests.find(({ values }) => values.uuid === uuid)?.values
  if (before !== undefined && before.driver !== driver)
    await assertOff(action, { guest: before, what: `give "${before.name}" another driver` })
}

/** Doubt denies. @throws {UsageError} `machine-not-off` */
export async function assertOff(
  { context, command }: GuestAction,
  { guest, what }: { readonly guest: DefinitionValues; readonly what: string },
): Promise<void> {
  const machine = await lookAtMachine(guest, await placesOf(context, command))
  if (machine.state === 'off') return
  const why =
    machine.state === 'unknown'
      ? `nobody can tell whether its machine is off (${machine.reason}); mend that first`
      : `its machine is ${stateText(machine)}; end it first: guest stop ${guest.name}`
  throw new UsageError(`Cannot ${what}: ${why}`, { code: 'machine-not-off' })
}
