/**
 * The drivers that there are, by the name under which the configuration asks for them.
 */
import type { Clock, Log } from '@negotiator/common'
import { didYouMean, UsageError } from '@negotiator/common'
import type { Driver } from './driver.js'
import { createFolderDriver } from './folder/folder-driver.js'
import { createQemuDriver } from './qemu/qemu-driver.js'

interface DriverNeeds {
  readonly clock: Clock
  readonly log: Log
}

/** What the configuration may ask for. */
const known = ['qemu', 'qemu:NAMES (e.g. qemu:web-*)', 'folder:DIR']

/**
 * Makes the driver that a configuration asks for.
 * @param spec e.g. `qemu` or `folder:/run/guests`
 * @throws {UsageError} `unknown-driver`, listing the known ones
 */
export function createDriver(spec: string, { clock, log }: DriverNeeds): Driver {
  const [kind = '', detail] = spec.split(/:(.*)/s)
  if (kind === 'qemu' && detail !== '') return createQemuDriver({ names: detail ?? '*', clock, log })
  if (kind === 'folder' && detail !== undefined && detail !== '') return createFolderDriver({ folder: detail, log })
  const hint = didYouMean(kind, ['qemu', 'folder'])
  throw new UsageError(`Cannot use the driver "${spec}": the known ones are ${known.join(', ')}${hint}`, {
    code: 'unknown-driver',
  })
}
