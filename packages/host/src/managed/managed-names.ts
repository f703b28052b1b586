/**
 * What managed guests are called now, for whoever finds their machines under the names that they were started with.
 * It is asked again and again, so a definition is read only when its file is another than last time. One that cannot be read has no
 * name here; the store tells what is wrong with it.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuestFolder } from './store/guest-folder.js'

interface KnownName {
  /** Tells its file from the one before and after it. */
  readonly stamp: string
  readonly name: string | undefined
}

/** @param folder of the store */
export function managedNames(folder: string): (uuid: string) => Promise<string | undefined> {
  const known = new Map<string, KnownName>()
  return async (uuid) => {
    const path = join(folder, uuid)
    const stamp = await stampOf(join(path, 'definition.json'))
    if (stamp === undefined) return undefined
    if (known.get(uuid)?.stamp !== stamp) known.set(uuid, { stamp, name: await nameIn(path, uuid) })
    return known.get(uuid)?.name
  }
}

/** Each change puts a new file in the place of the old one. */
async function stampOf(path: string): Promise<string | undefined> {
  return await stat(path, { bigint: true }).then(
    ({ ino, ctimeNs }) => `${ino} ${ctimeNs}`,
    () => undefined,
  )
}

async function nameIn(path: string, uuid: string): Promise<string | undefined> {
  // The schema is loaded only where there is a managed guest.
  const { GuestFolder } = await import('./store/guest-folder.js')
  const folder: GuestFolder = new GuestFolder(path, uuid)
  return await folder.current().then(
    (revision) => revision?.values.name,
    () => undefined,
  )
}
