/**
 * Definitions as libvirt writes them: `virsh dumpxml`.
 * Pure. What a plain QEMU process cannot be given as it stands, such as a network that libvirt runs, is a problem; what only
 * describes the machine closer is passed over, and named.
 * @see https://libvirt.org/formatdomain.html
 */
import { asAddress, asCount, asMemoryIn, asText, asUuid } from './conversions.js'
import { DraftBuilder } from './draft.js'
import type { Draft, Field } from './draft.js'
import { shown } from '../problem.js'
import { unreadable } from './plain.js'
import { childOf, parseXml, XmlError } from './xml-tree.js'
import type { XmlElement } from './xml-tree.js'

const fields: ReadonlyMap<string, Field> = new Map([
  ['uuid', { key: 'uuid', read: asUuid }],
  ['name', { key: 'name', read: asText }],
  ['vcpu', { key: 'vcpus', read: asCount }],
  ['on_poweroff', { key: 'on_poweroff', read: asText }],
  ['on_reboot', { key: 'on_reboot', read: asText }],
  ['on_crash', { key: 'on_crash', read: asText }],
])

/** libvirt's names of devices that are not QEMU's. */
const models: ReadonlyMap<string, string> = new Map([['virtio', 'virtio-net-pci']])

/** @throws {UsageError} `bad-definition` */
export function draftFromXml(text: string, source: string): Draft {
  const domain = parsed(text, source)
  const builder = new DraftBuilder()
  for (const child of domain.children) {
    const field = fields.get(child.name)
    const path = `domain/${child.name}`
    if (field !== undefined) builder.take({ path, raw: child.text, ...field })
    else if (child.name === 'memory')
      builder.take({
        path,
        key: 'memory',
        raw: child.text,
        read: asMemoryIn(child.attributes['unit'] ?? 'KiB'),
      })
    else if (child.name === 'os') takeKernel(builder, child)
    else if (child.name === 'devices') takeDevices(builder, child)
    else if (child.name === 'qemu:commandline') takeOptions(builder, child)
    else builder.passOver(child.name)
  }
  return builder.draft()
}

function parsed(text: string, source: string): XmlElement {
  try {
    const root = parseXml(text)
    if (root.name === 'domain') return root
    throw new XmlError(`it is <${root.name}>, wanted <domain>`)
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause
    throw unreadable(source, { form: 'libvirt XML', reason: cause.message, cause })
  }
}

function takeKernel(builder: DraftBuilder, os: XmlElement): void {
  passOverOthers(builder, { part: 'os', element: os, taken: ['type', 'kernel', 'initrd', 'cmdline'] })
  const [kernel, initrd] = [childOf(os, 'kernel'), childOf(os, 'initrd')]
  if (kernel === undefined) return
  builder.set('kernel', {
    path: kernel.text,
    ...(initrd === undefined ? {} : { initrd: initrd.text }),
    args: childOf(os, 'cmdline')?.text ?? '',
  })
}

function takeDevices(builder: DraftBuilder, { children }: XmlElement): void {
  const disks: unknown[] = []
  const interfaces: unknown[] = []
  for (const child of children) {
    if (child.name === 'disk') disks.push(diskOf(builder, { element: child, index: disks.length }))
    else if (child.name === 'interface')
      interfaces.push(interfaceOf(builder, { element: child, index: interfaces.length }))
    else builder.passOver(`devices/${child.name}`)
  }
  builder.set('disks', disks)
  builder.set('interfaces', interfaces)
}

interface Member {
  readonly element: XmlElement
  readonly index: number
}

function diskOf(builder: DraftBuilder, { element, index }: Member): unknown {
  const { type = 'file', device = 'disk' } = element.attributes
  const taken = ['driver', 'source', 'target', 'readonly']
  passOverOthers(builder, { part: 'devices/disk', element, taken })
  const path = `domain/devices/disk[${index}]`
  if (type !== 'file' && type !== 'block')
    builder.fault({
      path,
      spoils: `disks[${index}]`,
      sentence: `its type is ${shown(type)}, wanted "file" or "block": only libvirt opens others`,
    })
  const source = childOf(element, 'source')?.attributes
  return {
    path: source?.['file'] ?? source?.['dev'],
    // libvirt takes a disk without a driver as raw, too.
    format: childOf(element, 'driver')?.attributes['type'] ?? 'raw',
    kind: device,
    bus: childOf(element, 'target')?.attributes['bus'] ?? 'virtio',
    read_only: device === 'cdrom' || childOf(element, 'readonly') !== undefined,
  }
}

function interfaceOf(builder: DraftBuilder, { element, index }: Member): unknown {
  const { type = '' } = element.attributes
  passOverOthers(builder, { part: 'devices/interface', element, taken: ['mac', 'model', 'source'] })
  if (type !== 'bridge' && type !== 'user')
    builder.fault({
      path: `domain/devices/interface[${index}]`,
      spoils: `interfaces[${index}]`,
      sentence: `its type is ${shown(type)}, wanted "bridge" or "user"; \`virsh net-info NETWORK\` names the bridge of a network`,
    })
  const mac = childOf(element, 'mac')?.attributes['address']
  const model = childOf(element, 'model')?.attributes['type']
  return {
    kind: type,
    ...(type === 'bridge' ? { bridge: childOf(element, 'source')?.attributes['bridge'] } : {}),
    ...(mac === undefined ? {} : { mac: asAddress.read(mac) }),
    ...(model === undefined ? {} : { model: models.get(model) ?? model }),
  }
}

function takeOptions(builder: DraftBuilder, { children }: XmlElement): void {
  const args = children.filter(({ name }) => name === 'qemu:arg')
  builder.set(
    'qemu_options',
    args.map(({ attributes }) => attributes['value']),
  )
  for (const { name } of children) if (name !== 'qemu:arg') builder.passOver(`qemu:commandline/${name}`)
}

function passOverOthers(
  builder: DraftBuilder,
  { part, element, taken }: { part: string; element: XmlElement; taken: readonly string[] },
): void {
  for (const { name } of element.children) if (!taken.includes(name)) builder.passOver(`${part}/${name}`)
}
