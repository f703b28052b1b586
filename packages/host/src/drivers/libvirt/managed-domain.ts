/**
 * The XML of a domain that is made from a managed guest's definition.
 * Pure. How it ends is left to the daemon: libvirt restarts nothing but what the definition lets it.
 * @see https://libvirt.org/formatdomain.html
 */
import { channelNames } from '@negotiator/common'
import type { GuestDefinition, GuestDisk, GuestInterface } from '../../managed/definition.js'
import { channelElement } from './channel-element.js'

/** By this element in its metadata a domain is ours: made when its guest is started, gone when it is let go. */
export const managedDomainUri = 'urn:negotiator:managed-guest'

interface MachineKind {
  /** Emulated where there is no KVM. */
  readonly isKvm: boolean
  /** As Node calls the processor. */
  readonly processor: string
}

const qemuNamespace = 'http://libvirt.org/schemas/domain/qemu/1.0'

/** QEMU's names of devices that are not libvirt's. */
const models: ReadonlyMap<string, string> = new Map([['virtio-net-pci', 'virtio']])

/** @returns a `<domain>`; what is not said in it is libvirt's to choose */
export function managedDomainXml(definition: GuestDefinition, { isKvm, processor }: MachineKind): string {
  const { uuid, name, memoryBytes, vcpuCount, disks, interfaces, qemuOptions } = definition
  // Elsewhere both need what not every machine has.
  const isPc = processor === 'x64'
  return [
    `<domain type='${isKvm ? 'kvm' : 'qemu'}' xmlns:qemu='${qemuNamespace}'>`,
    ...[element('name', name), element('uuid', uuid)],
    `<metadata><managed:guest xmlns:managed='${managedDomainUri}'/></metadata>`,
    `<memory unit='KiB'>${Math.ceil(memoryBytes / 1024)}</memory>`,
    `<vcpu>${vcpuCount}</vcpu>`,
    `<os><type>hvm</type>${kernelElements(definition)}</os>`,
    ...(isPc ? ['<features><acpi/></features>'] : []),
    ...endElements(definition),
    '<devices>',
    ...disks.map(diskElement),
    ...interfaces.map(interfaceElement),
    ...channelNames.map(channelElement),
    // By it the machine hears of a kernel's panic.
    ...(isPc ? ["<panic model='isa'/>"] : []),
    '</devices>',
    ...optionElements(qemuOptions),
    '</domain>',
    '',
  ].join('\n')
}

function kernelElements({ kernel }: GuestDefinition): string {
  if (kernel === undefined) return ''
  const { path, initrd, args } = kernel
  return [
    element('kernel', path),
    initrd === undefined ? '' : element('initrd', initrd),
    args === '' ? '' : element('cmdline', args),
  ].join('')
}

/** A crash is kept for inspection where somebody wants it; otherwise libvirt remembers how the machine ended, and nothing runs. */
function endElements({ onReboot, onCrash }: GuestDefinition): readonly string[] {
  const isKept = onCrash === 'preserve' || onCrash === 'rename-restart'
  return [
    element('on_poweroff', 'destroy'),
    element('on_reboot', onReboot === 'restart' ? 'restart' : 'destroy'),
    element('on_crash', isKept ? 'preserve' : 'destroy'),
  ]
}

/** The first letters of a disk's name: by the name libvirt finds its place on a controller. */
const prefixes: Readonly<Record<GuestDisk['bus'], string>> = {
  virtio: 'vd',
  scsi: 'sd',
  sata: 'sd',
  ide: 'hd',
}

function diskElement(disk: GuestDisk, index: number, disks: readonly GuestDisk[]): string {
  const { path, format, kind, bus, isReadOnly } = disk
  const isBlock = path.startsWith('/dev/')
  // libvirt has no CD-ROM on virtio: such a disk is one that cannot be written to.
  const device = bus === 'virtio' ? 'disk' : kind
  const prefix = prefixes[bus]
  const place = disks.slice(0, index).filter((before) => prefixes[before.bus] === prefix).length
  return [
    `<disk type='${isBlock ? 'block' : 'file'}' device='${device}'>`,
    `<driver name='qemu' type='${format}'/>`,
    `<source ${isBlock ? 'dev' : 'file'}=${quoted(path)}/>`,
    `<target dev='${prefix}${letters(place)}' bus='${bus}'/>`,
    isReadOnly || kind === 'cdrom' ? '<readonly/>' : '',
    `<boot order='${index + 1}'/></disk>`,
  ].join('')
}

function interfaceElement(net: GuestInterface): string {
  const rest = `<mac address=${quoted(net.mac)}/><model type=${quoted(models.get(net.model) ?? net.model)}/></interface>`
  switch (net.kind) {
    case 'user':
      return `<interface type='user'>${rest}`
    case 'bridge':
      return `<interface type='bridge'><source bridge=${quoted(net.bridge)}/>${rest}`
    case 'tap':
      return `<interface type='ethernet'><target dev=${quoted(net.device)} managed='no'/>${rest}`
  }
}

function optionElements(options: readonly string[]): readonly string[] {
  if (options.length === 0) return []
  const args = options.map((option) => `<qemu:arg value=${quoted(option)}/>`)
  return ['<qemu:commandline>', ...args, '</qemu:commandline>']
}

/** a, b, ... z, aa, ab, ... as the names of disks go on. */
function letters(index: number): string {
  const last = String.fromCodePoint(97 + (index % 26))
  return index < 26 ? last : `${letters(Math.floor(index / 26) - 1)}${last}`
}

function element(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>`
}

function quoted(text: string): string {
  return `'${escaped(text)}'`
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;' }
  return text.replace(/[&<>']/g, (character) => entities[character] ?? character)
}
