/**
 * The driver "libvirt": domains of one libvirt of this machine. What it owns is libvirt's hook, the file that the hook touches, and the
 * marks of machines that run.
 */
import { join } from 'node:path'
import { UsageError } from '@negotiator/common'
import type { DriverKind, DriverPlaces, DriverSpec } from '../kind.js'
import type { Piece } from '../piece.js'
import { checkLibvirtUri, systemUri } from './connection-uri.js'
import { hookScript } from './hook-script.js'
import { createLibvirtDriver } from './libvirt-driver.js'
import { createLibvirtMachines } from './libvirt-machines.js'
import { marksFolder } from './run-marks.js'

/** The driver "libvirt". */
export const libvirtKind: DriverKind = {
  name: 'libvirt',
  forms: ['libvirt', 'libvirt:URI (e.g. libvirt:qemu:///session)'],
  summary: 'the domains of libvirt',
  check: ({ name, detail }) => void uriOf({ name, detail }),
  discover: (needs) => createLibvirtDriver({ ...needs, uri: uriOf(needs) }),
  owns: pieces,
  machines: (needs) => createLibvirtMachines({ ...needs, uri: uriOf(needs) }),
}

function uriOf({ name, detail }: DriverSpec): string {
  if (detail === '')
    throw new UsageError(
      `Cannot use the driver "${name}": a URI is missing after the colon; write e.g. libvirt:qemu:///session, or libvirt alone for ${systemUri}`,
      { code: 'bad-driver' },
    )
  return checkLibvirtUri(detail ?? systemUri)
}

/** A libvirt that is not the system's has hooks elsewhere, and needs none: its events are heard. */
function pieces({ root, runFolder, ...spec }: DriverPlaces): readonly Piece[] {
  const marks: Piece = {
    ...{ kind: 'folder', path: marksFolder(runFolder), mode: 0o755, madeBy: 'start' },
    purpose: 'the marks of managed guests that run',
  }
  if (uriOf(spec) !== systemUri) return [marks]
  const hooks = join(root, 'etc/libvirt/hooks/qemu.d')
  const [kind, madeBy] = ['file', 'configure'] as const
  return [
    { kind: 'folder', path: hooks, mode: 0o755, madeBy: 'install', purpose: "the folder of libvirt's hooks" },
    {
      // Its text is of the configuration, which says where the control socket lies.
      ...{ kind, madeBy, path: join(hooks, 'negotiator'), mode: 0o755, content: hookScript(runFolder) },
      purpose: 'the script that libvirt calls when a domain changes; libvirtd finds it when it is restarted',
    },
    {
      ...{ kind, path: join(runFolder, 'libvirt-changed'), mode: 0o644, content: '' },
      madeBy: 'start',
      purpose: 'the file that the script touches, and the daemon watches',
    },
    marks,
  ]
}
