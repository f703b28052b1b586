/**
 * The devices of a domain in SXP: disks and interfaces are taken, what else Xen knows is named.
 * Pure.
 */
import { shown } from '../problem.js'
import { asAddress } from './conversions.js'
import type { DraftBuilder } from './draft.js'
import type { Sxp } from './parse-sxp.js'
import { entriesOf, textsIn } from './sxp-parts.js'
import type { Entry } from './sxp-parts.js'

/** Before the colon of a `uname`; what these do not name is nothing that QEMU could open. */
const imageFormats: ReadonlyMap<string, string> = new Map([
  ['file', 'raw'],
  ['phy', 'raw'],
  ['tap:aio', 'raw'],
  ['tap:qcow2', 'qcow2'],
])

/** Devices of Xen's that a definition has no place for. */
const otherDevices: readonly string[] = ['vtpm', 'pci', 'ioports', 'irq', 'usb']

/** Takes what one list `(device ...)` has. */
export function takeDevice(
  builder: DraftBuilder,
  { rest, disks, interfaces }: { rest: readonly Sxp[]; disks: unknown[]; interfaces: unknown[] },
): void {
  for (const device of entriesOf(rest)) {
    if (device.name === 'vbd' || device.name === 'tap') disks.push(diskOf(builder, device))
    else if (device.name === 'vif') interfaces.push(interfaceOf(builder, device))
    else if (otherDevices.includes(device.name)) builder.passOver(`device ${device.name}`)
    else
      builder.fault({
        path: '(device)',
        sentence: `its type is ${shown(device.name)}, wanted one of ${['vbd', 'tap', 'vif', ...otherDevices].join(', ')}`,
      })
  }
}

function diskOf(builder: DraftBuilder, { name, rest }: Entry): unknown {
  const taken = ['uname', 'dev', 'mode']
  const texts = textsIn(builder, { part: ['device', name], key: 'disks', rest, taken })
  const uname = texts.get('uname') ?? ''
  const [, kind = '', path = ''] = /^((?:tap:)?[a-z0-9]+):(.*)$/s.exec(uname) ?? []
  const format = imageFormats.get(kind)
  if (format === undefined)
    builder.fault({
      path: `(device (${name} (uname)))`,
      spoils: 'disks',
      sentence: `it is ${shown(uname)}, wanted one of ${[...imageFormats.keys()].map((known) => `${known}:PATH`).join(', ')}`,
    })
  return {
    // Devices may be named without their folder.
    path: kind === 'phy' && !path.startsWith('/') ? `/dev/${path}` : path,
    format,
    kind: texts.get('dev')?.endsWith(':cdrom') === true ? 'cdrom' : 'disk',
    read_only: texts.get('mode')?.startsWith('r') === true,
  }
}

function interfaceOf(builder: DraftBuilder, { rest }: Entry): unknown {
  const taken = ['bridge', 'mac']
  const texts = textsIn(builder, { part: ['device', 'vif'], key: 'interfaces', rest, taken })
  const mac = texts.get('mac')
  if (!texts.has('bridge'))
    builder.fault({
      path: '(device (vif (bridge)))',
      spoils: 'interfaces',
      sentence: 'it is missing; Xend chose a bridge then, here it must be named',
    })
  return {
    kind: 'bridge',
    bridge: texts.get('bridge'),
    ...(mac === undefined ? {} : { mac: asAddress.read(mac) }),
  }
}
