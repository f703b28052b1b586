/**
 * Definitions as Xend kept them: `config.sxp`, and what `xm list --long` printed.
 * Pure. Its state of the moment (`status`, `domid`, ...) is no part of a definition and passed over.
 */
import { asAddress, asCount, asMebibytes, asText, asUuid } from './conversions.js'
import { shown } from '../problem.js'
import { DraftBuilder, twice } from './draft.js'
import type { Draft, Field } from './draft.js'
import { parseSxp, SxpError } from './parse-sxp.js'
import type { Sxp } from './parse-sxp.js'
import { unreadable } from './plain.js'

const fields: ReadonlyMap<string, Field> = new Map([
  ['uuid', { key: 'uuid', read: asUuid }],
  ['name', { key: 'name', read: asText }],
  ['memory', { key: 'memory', read: asMebibytes }],
  ['vcpus', { key: 'vcpus', read: asCount }],
  ['on_poweroff', { key: 'on_poweroff', read: asText }],
  ['on_reboot', { key: 'on_reboot', read: asText }],
  ['on_crash', { key: 'on_crash', read: asText }],
  ['on_xend_start', { key: 'on_daemon_start', read: asText }],
  ['on_xend_stop', { key: 'on_daemon_stop', read: asText }],
])

/** Before the colon of a `uname`; what these do not name is nothing that QEMU could open. */
const imageFormats: ReadonlyMap<string, string> = new Map([
  ['file', 'raw'],
  ['phy', 'raw'],
  ['tap:aio', 'raw'],
  ['tap:qcow2', 'qcow2'],
])

/** Devices of Xen's that a definition has no place for. */
const otherDevices: readonly string[] = ['vtpm', 'pci', 'ioports', 'irq', 'usb']

/** A list that begins with its name. */
interface Entry {
  readonly name: string
  readonly rest: readonly Sxp[]
}

/** @throws {UsageError} `bad-definition`, with the line */
export function draftFromSxp(text: string, source: string): Draft {
  const [kind, ...members] = parsed(text, source)
  if (kind !== 'domain' && kind !== 'vm')
    throw unreadable(source, { form: 'SXP', reason: 'its list begins with neither "domain" nor "vm"' })
  const builder = new DraftBuilder()
  const disks: unknown[] = []
  const interfaces: unknown[] = []
  for (const { name, rest } of entriesOf(members)) {
    const field = fields.get(name)
    if (field !== undefined) takeField(builder, { name, rest, field })
    else if (name === 'image') takeImage(builder, rest)
    else if (name === 'device') takeDevice(builder, { rest, disks, interfaces })
    else builder.passOver(name)
  }
  builder.set('disks', disks)
  builder.set('interfaces', interfaces)
  return builder.draft()
}

function parsed(text: string, source: string): readonly Sxp[] {
  try {
    return parseSxp(text)
  } catch (cause) {
    if (!(cause instanceof SxpError)) throw cause
    throw unreadable(source, { form: 'SXP', reason: `line ${cause.line}: ${cause.message}`, cause })
  }
}

function entriesOf(members: readonly Sxp[]): readonly Entry[] {
  return members.flatMap((member) => {
    if (typeof member === 'string') return [{ name: member, rest: [] }]
    const [name, ...rest] = member
    return typeof name === 'string' ? [{ name, rest }] : []
  })
}

function takeField(
  builder: DraftBuilder,
  { name, rest, field }: { name: string; rest: readonly Sxp[]; field: Field },
): void {
  const [raw] = rest
  if (rest.length === 1 && typeof raw === 'string') builder.take({ path: `(${name})`, raw, ...field })
  else builder.fault({ path: `(${name})`, spoils: field.key, sentence: 'wanted one value' })
}

/** `(linux (kernel K) (ramdisk R) (root 'DEVICE ro') (args A))` has a kernel; `(hvm ...)` boots from its disk. */
function takeImage(builder: DraftBuilder, [image]: readonly Sxp[]): void {
  const [{ name, rest } = { name: '', rest: [] }] = entriesOf(image === undefined ? [] : [image])
  if (name !== 'linux') return builder.passOver(`image ${name}`)
  const taken = ['kernel', 'ramdisk', 'root', 'args']
  const texts = textsIn(builder, { part: ['image', 'linux'], key: 'kernel', rest, taken })
  const root = texts.get('root') ?? ''
  const args = [root === '' ? '' : `root=${root}`, texts.get('args') ?? '']
  builder.set('kernel', {
    path: texts.get('kernel'),
    ...(texts.has('ramdisk') ? { initrd: texts.get('ramdisk') } : {}),
    args: args.filter((part) => part !== '').join(' '),
  })
}

function takeDevice(
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

interface Part {
  /** The names of the lists around it. */
  readonly part: readonly [string, string]
  /** The key of the definition that it is for. */
  readonly key: string
  readonly rest: readonly Sxp[]
  /** What is wanted of it. */
  readonly taken: readonly string[]
}

/** The members of a part that are a name and one text; what is empty is not there. */
function textsIn(
  builder: DraftBuilder,
  { part: [outer, inner], key, rest, taken }: Part,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const { name, rest: values } of entriesOf(rest)) {
    const fault = (sentence: string): void =>
      builder.fault({ path: `(${outer} (${inner} (${name})))`, spoils: key, sentence })
    const [text] = values
    const earlier = texts.get(name)
    if (!taken.includes(name)) builder.passOver(`${outer} ${inner} ${name}`)
    else if (values.length > 1 || typeof text === 'object') fault('wanted one value')
    else if (earlier !== undefined && earlier !== text) fault(twice(earlier, text))
    else if (text !== undefined) texts.set(name, text)
  }
  return texts
}
