/**
 * `guest list` and `guest show`.
 */
import { escapeControl, json, table } from '@negotiator/common'
import { placesOf } from '../places-of.js'
import { tell } from './act.js'
import type { GuestAction } from './act.js'
import { definitionText } from './definition-text.js'
import { lookAtMachine, lookAtMachines, stateText } from './machine-looks.js'
import type { GuestLook } from './machine-looks.js'

const heading = ['NAME', 'UUID', 'STATE', 'DRIVER', 'MEMORY', 'VCPUS', 'ON DAEMON START', 'REVISION']

/** Lists the guests; what cannot be told of one is no reason to keep quiet about the others. */
export async function listGuests({ context, command, store, options }: GuestAction): Promise<void> {
  const { guests, faults } = await store.read()
  const looks = await lookAtMachines(guests, await placesOf(context, command))
  const isAllTold = faults.length === 0 && looks.every(({ machine }) => machine.state !== 'unknown')
  context.exitCode = isAllTold ? 0 : 1
  if (options.json === true) {
    const rows = looks.map(({ revision, machine, values }) => ({ revision, machine, ...values }))
    return context.print(json({ guests: rows, faults }))
  }
  context.print(table([heading, ...looks.map(rowOf)]))
  for (const look of looks) tellUnknown(context, look)
  for (const { sentence } of faults) tell(context, sentence)
}

function rowOf({ revision, values, machine }: GuestLook): readonly string[] {
  return [
    ...[values.name, values.uuid, stateText(machine), values.driver, values.memory],
    ...[String(values.vcpus), values.on_daemon_start, String(revision)],
  ]
}

/** Prints a definition. @throws {UsageError} `no-such-guest`, `bad-option` */
export async function showGuest({
  context,
  command,
  store,
  args: [guest = ''],
  options,
}: GuestAction): Promise<void> {
  const format = options.json === true ? 'json' : (options.format ?? 'toml')
  const found = await store.find(guest)
  const machine = await lookAtMachine(found.values, await placesOf(context, command))
  context.print(definitionText(found, { format, state: stateText(machine) }))
  tellUnknown(context, { ...found, machine })
}

function tellUnknown(context: GuestAction['context'], { values, machine }: GuestLook): void {
  if (machine.state === 'unknown')
    tell(context, `the state of "${values.name}" is unknown: ${escapeControl(machine.reason)}`)
}
