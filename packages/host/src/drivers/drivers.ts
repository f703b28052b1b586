/**
 * The drivers that there are, by the name under which the configuration asks for them.
 */
import { isAbsolute } from 'node:path'
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
 * @throws {UsageError} `unknown-driver`, listing the known ones; `bad-driver` when one lacks what it needs
 */
export function createDriver(spec: string, { clock, log }: DriverNeeds): Driver {
  const [kind = '', detail] = spec.split(/:(.*)/s)
  switch (kind) {
    case 'qemu':
      if (detail === '')
        throw badDriver(
          spec,
          'names are missing after the colon; write e.g. qemu:web-*, or qemu alone for all',
        )
      return createQemuDriver({ names: detail, clock, log })
    case 'folder':
      // The daemon's own folder is an accident of how it was started.
      if (detail === undefined || !isAbsolute(detail))
        throw badDriver(spec, 'it needs an absolute path; write e.g. folder:/run/guests')
      return createFolderDriver({ folder: detail, clock, log })
    default: {
      const hint = didYouMean(kind, ['qemu', 'folder'])
      throw new UsageError(`Cannot use the driver "${spec}": the known ones are ${known.join(', ')}${hint}`, {
        code: 'unknown-driver',
      })
    }
  }
}

function badDriver(spec: string, reason: string): UsageError {
  return new UsageError(`Cannot use the driver "${spec}": ${reason}`, { code: 'bad-driver' })
}
