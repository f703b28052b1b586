/**
 * `guest rename`, `guest undo` and `guest undefine`.
 */
import { checkedValues } from '../../managed/read-definition.js'
import type { GuestAction } from './act.js'

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

/** Forgets a guest. @throws {UsageError} `no-such-guest` */
export async function undefineGuest({
  context,
  store,
  args: [guest = ''],
  options,
}: GuestAction): Promise<void> {
  const isDryRun = options.dryRun === true
  const { values } = await store.find(guest)
  if (!isDryRun) await store.remove(values.uuid)
  const verb = isDryRun ? 'This would undefine' : 'Undefined'
  context.print(`${verb} "${values.name}", ${values.uuid}; \`guest undo ${values.uuid}\` brings it back.\n`)
}
