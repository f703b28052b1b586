/**
 * `guest rename`, `guest undo` and `guest undefine`.
 */
import { escapeControl } from '@negotiator/common'
import { checkedValues } from '../../managed/read-definition.js'
import { tell } from './act.js'
import type { GuestAction } from './act.js'
import { assertDriverMayChange, assertNotOn } from './assert-driver.js'

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

/** Takes the last change back. @throws {UsageError} `no-such-guest`, `nothing-to-undo`, `name-taken`, `machine-not-off` */
export async function undoGuest(action: GuestAction): Promise<void> {
  const { context, store, options } = action
  const [guest = ''] = action.args
  const wanted = await store.undo(guest, { isDryRun: true })
  await assertDriverMayChange(action, wanted.values)
  const { values, origin } = options.dryRun === true ? wanted : await store.undo(guest, { isDryRun: false })
  const verb = options.dryRun === true ? 'This would bring back' : 'Brought back'
  context.print(`${verb} "${values.name}", ${values.uuid}, as it was in revision ${origin}.\n`)
}

/** Forgets a guest; nobody would end its machine then. @throws {UsageError} `no-such-guest`, `machine-not-off` */
export async function undefineGuest(action: GuestAction): Promise<void> {
  const { context, store, options } = action
  const isDryRun = options.dryRun === true
  const { values } = await store.find(action.args[0] ?? '')
  const doubt = await assertNotOn(action, { guest: values, what: `undefine "${values.name}"` })
  if (!isDryRun) await store.remove(values.uuid)
  const verb = isDryRun ? 'This would undefine' : 'Undefined'
  context.print(`${verb} "${values.name}", ${values.uuid}; \`guest undo ${values.uuid}\` brings it back.\n`)
  // A driver that is gone for good must not keep its guests for ever.
  if (doubt !== undefined)
    tell(context, `nobody can tell whether its machine is off: ${escapeControl(doubt)}`)
}
