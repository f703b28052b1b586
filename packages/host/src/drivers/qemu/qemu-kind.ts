/**
 * The driver "qemu": running QEMU processes, and those that it starts itself. What it owns is the folders of their files.
 */
import { UsageError } from '@negotiator/common'
import type { DriverKind, DriverSpec } from '../kind.js'
import { machinesFolder, socketsFolder } from './machine-places.js'
import { createQemuDriver } from './qemu-driver.js'
import { createQemuMachines } from './qemu-machines.js'

/** The driver "qemu". */
export const qemuKind: DriverKind = {
  name: 'qemu',
  forms: ['qemu', 'qemu:NAMES (e.g. qemu:web-*)'],
  summary: 'QEMU processes',
  check: checkNames,
  discover: ({ detail, ...needs }) => createQemuDriver({ ...needs, names: detail }),
  owns: ({ root, stateFolder }) => [
    {
      ...{ kind: 'folder', path: machinesFolder(stateFolder), mode: 0o700, madeBy: 'install' },
      purpose: 'the memory of suspended guests',
    },
    {
      ...{ kind: 'folder', path: socketsFolder(root), mode: 0o755, madeBy: 'start' },
      purpose: "the folder of the guests' sockets",
    },
  ],
  machines: createQemuMachines,
}

function checkNames({ name, detail }: DriverSpec): void {
  if (detail !== '') return
  throw new UsageError(
    `Cannot use the driver "${name}": names are missing after the colon; write e.g. qemu:web-*, or qemu alone for all`,
    { code: 'bad-driver' },
  )
}
