/**
 * `guest rename`, `guest undo` and `guest undefine`.
 */
import { UsageError } from '@negotiator/common'
import { checkedValues } from '../../managed/read-definition.js'
import type { DefinitionValues } from '../../managed/schema.js'
import { placesOf } from '../places-of.js'
import type { GuestAction } from './act.js'
import { lookAtMachine, stateText } from './machine-looks.js'
import type { MachineLook } from './machine-looks.js'

/** Gives a guest another name. @throws {UsageError} `no-such-guest`, `bad-definition`, `name-taken` */
export async function renameGuest({ context, store, args, options }: GuestAction): Promise<void> {
  const [guest = '', name = ''] = args
  const isDryRun = options.dryRun === true
  const { revision: madeFrom, values } = await store.find(guest)
  await store.put({ values: checkedValues({ ...values, name }, values.name), madeFrom, isDryRun })
  context.print(
    `${isDryRun ? 'This would rename' : 'Renamed'} "${values.name}" to "${name}", ${values.uuid}.\n`,
  )
}

/** Takes the last change back. @throws {UsageError} `no-such-guest`, `nothing-to-undo`, `name-taken` */
export async function undoGuest({ context, store, args: [guest = ''], options }: GuestAction): Promise<void> {
  const isDryRun = options.dryRun === true
  const { values, origin } = await store.undo(guest, { isDryRun })
  const verb = isDryRun ? 'This would bring back' : 'Brought back'
  context.print(`${verb} "${values.name}", ${values.uuid}, as it was in revision ${origin}.\n`)
}

/** Forgets a guest. @throws {UsageError} `no-such-guest`, `machine-not-off` */
export async function undefineGuest({
  context,
  command,
  store,
  args: [guest = ''],
  options,
}: GuestAction): Promise<void> {
  const isDryRun = options.dryRun === true
  const { values } = await store.find(guest)
  assertOff(values, await lookAtMachine(values, await placesOf(context, command)))
  if (!isDryRun) await store.remove(values.uuid)
  const verb = isDryRun ? 'This would undefine' : 'Undefined'
  context.print(`${verb} "${values.name}", ${values.uuid}; \`guest undo ${values.uuid}\` brings it back.\n`)
}

/** Nobody would end a machine, or let its memory go, that no guest has. Doubt denies. */
function assertOff({ name }: DefinitionValues, look: MachineLook): void {
  if (look.state === 'off') return
  const why =
    look.state === 'unknown'
      ? `nobody can tell whether its machine is off (${look.reason}); mend that, or give it a driver that can tell`
      : `its machine is ${stateText(look)}; end it first: guest stop ${name}`
  throw new UsageError(`Cannot undefine "${name}": ${why}`, { code: 'machine-not-off' })
}
