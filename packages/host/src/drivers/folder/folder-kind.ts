/**
 * The driver "folder": guests as folders of sockets. What it owns is that folder, if it made it.
 */
import { isAbsolute } from 'node:path'
import { UsageError } from '@negotiator/common'
import type { DriverKind, DriverSpec } from '../kind.js'
import { createFolderDriver } from './folder-driver.js'

/** The driver "folder". */
export const folderKind: DriverKind = {
  name: 'folder',
  forms: ['folder:DIR'],
  summary: 'sockets laid out as DIR/GUEST/CHANNEL.sock',
  check: (spec) => void folderOf(spec),
  discover: (needs) => createFolderDriver({ ...needs, folder: folderOf(needs) }),
  owns: (places) => [
    {
      // It is mostly below /run, which is empty after each boot.
      ...{ kind: 'folder', path: folderOf(places), mode: 0o755, madeBy: 'start' },
      purpose: "the folder of the guests' folders",
    },
  ],
}

/** The daemon's own folder is an accident of how it was started. */
function folderOf({ name, detail }: DriverSpec): string {
  if (detail !== undefined && isAbsolute(detail)) return detail
  throw new UsageError(
    `Cannot use the driver "${name}": it needs an absolute path; write e.g. folder:/run/guests`,
    { code: 'bad-driver' },
  )
}
