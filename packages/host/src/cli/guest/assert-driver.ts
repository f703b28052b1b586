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

/**
 * Only its driver knows a machine: with another one it would be started twice, with the same disks. Doubt denies.
 * @throws {UsageError} `machine-not-off`
 */
export async function assertDriverMayChange(
  action: GuestAction,
  { uuid, driver }: DefinitionValues,
): Promise<void> {
  const { guests } = await action.store.read()
  const before = guests.find(({ values }) => values.uuid === uuid)?.values
  if (before === undefined || before.driver === driver) return
  const doubt = await assertNotOn(action, { guest: before, what: `give "${before.name}" another driver` })
  if (doubt === undefined) return
  throw new UsageError(
    `Cannot give "${before.name}" another driver: nobody can tell whether its machine is off (${doubt}); mend that first, or undefine it and define it anew`,
    { code: 'machine-not-off' },
  )
}

/**
 * Refuses to do something to a guest whose machine is not off.
 * @returns why nobody can tell, if so
 * @throws {UsageError} `machine-not-off`
 */
export async function assertNotOn(
  { context, command }: GuestAction,
  { guest, what }: { readonly guest: DefinitionValues; readonly what: string },
): Promise<string | undefined> {
  const machine = await lookAtMachine(guest, await placesOf(context, command))
  if (machine.state === 'off') return undefined
  if (machine.state === 'unknown') return machine.reason
  const remedy =
    machine.state === 'suspended'
      ? `resume and stop it, or throw its memory away: guest stop ${guest.name} --mode kill`
      : `end it first: guest stop ${guest.name}`
  throw new UsageError(`Cannot ${what}: its machine is ${stateText(machine)}; ${remedy}`, {
    code: 'machine-not-off',
  })
}
