/**
 * The drivers that there are, by the name under which the configuration asks for them.
 */
import { isAbsolute } from 'node:path'
import type { Clock, Log } from '@negotiator/common'
import { didYouMean, UsageError } from '@negotiator/common'
import type { Driver } from './driver.js'
import { createFolderDriver } from './folder/folder-driver.js'
import { checkLibvirtUri, systemUri } from './libvirt/connection-uri.js'
import { createLibvirtDriver } from './libvirt/libvirt-driver.js'
import { createQemuDriver } from './qemu/qemu-driver.js'

interface DriverNeeds {
  readonly clock: Clock
  readonly log: Log
  /** The file that libvirt's hook touches. */
  readonly pokeFile?: string | undefined
}

/** What the configuration may ask for. */
const known = [
  'auto',
  'libvirt',
  'libvirt:URI (e.g. libvirt:qemu:///session)',
  'qemu',
  'qemu:NAMES (e.g. qemu:web-*)',
  'folder:DIR',
]

/**
 * Makes the drivers that a configuration asks for, in its order: what two of them find is the first one's.
 * @param specs e.g. `libvirt`, `qemu` or `folder:/run/guests`; `auto` is libvirt where there is a virsh, and qemu
 * @throws {UsageError} `unknown-driver`, listing the known ones; `bad-driver` when one lacks what it needs
 */
export function createDrivers(specs: readonly string[], needs: DriverNeeds): readonly Driver[] {
  const isLibvirtAsked = specs.some((spec) => /^(auto|libvirt)(:|$)/.test(spec))
  return specs.flatMap((spec) => {
    if (spec !== 'auto') return [createDriver(spec, { ...needs, isLibvirtAsked })]
    return [
      createLibvirtDriver({ ...needs, name: 'libvirt', uri: systemUri, isOptional: true }),
      createQemuDriver({ ...needs, isLibvirtAsked }),
    ]
  })
}

function createDriver(spec: string, needs: DriverNeeds & { readonly isLibvirtAsked: boolean }): Driver {
  const [kind = '', detail] = spec.split(/:(.*)/s)
  switch (kind) {
    case 'libvirt':
      if (detail === '')
        throw badDriver(
          spec,
          `a URI is missing after the colon; write e.g. libvirt:qemu:///session, or libvirt alone for ${systemUri}`,
        )
      return createLibvirtDriver({ ...needs, name: spec, uri: checkLibvirtUri(detail ?? systemUri) })
    case 'qemu':
      if (detail === '')
        throw badDriver(
          spec,
          'names are missing after the colon; write e.g. qemu:web-*, or qemu alone for all',
        )
      return createQemuDriver({ ...needs, names: detail })
    case 'folder':
      // The daemon's own folder is an accident of how it was started.
      if (detail === undefined || !isAbsolute(detail))
        throw badDriver(spec, 'it needs an absolute path; write e.g. folder:/run/guests')
      return createFolderDriver({ ...needs, folder: detail })
    default: {
      const hint = didYouMean(kind, ['auto', 'libvirt', 'qemu', 'folder'])
      throw new UsageError(`Cannot use the driver "${spec}": the known ones are ${known.join(', ')}${hint}`, {
        code: 'unknown-driver',
      })
    }
  }
}

function badDriver(spec: string, reason: string): UsageError {
  return new UsageError(`Cannot use the driver "${spec}": ${reason}`, { code: 'bad-driver' })
}
