/**
 * `guest list` and `guest show`.
 */
import { json, table } from '@negotiator/common'
import { tell } from './act.js'
import type { GuestAction } from './act.js'
import { definitionText } from './definition-text.js'

const heading = ['NAME', 'UUID', 'DRIVER', 'MEMORY', 'VCPUS', 'ON DAEMON START', 'REVISION']

/** Lists the guests; one that cannot be read is told of, and the others are listed all the same. */
export async function listGuests({ context, store, options }: GuestAction): Promise<void> {
  const { guests, faults } = await store.read()
  context.exitCode = faults.length > 0 ? 1 : 0
  if (options.json === true) {
    const rows = guests.map(({ revision, values }) => ({ revision, ...values }))
    return context.print(json({ guests: rows, faults }))
  }
  const rows = guests.map(({ revision, values }) => [
    ...[values.name, values.uuid, values.driver, values.memory],
    ...[String(values.vcpus), values.on_daemon_start, String(revision)],
  ])
  context.print(table([heading, ...rows]))
  for (const { sentence } of faults) tell(context, sentence)
}

/** Prints a definition. @throws {UsageError} `no-such-guest`, `bad-option` */
export async function showGuest({ context, store, args: [guest = ''], options }: GuestAction): Promise<void> {
  const format = options.json === true ? 'json' : (options.format ?? 'toml')
  context.print(definitionText(await store.find(guest), format))
}
