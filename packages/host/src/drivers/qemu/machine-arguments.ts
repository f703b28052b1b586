/**
 * The command line of a machine that we start: what the definition asks for, both channels, a monitor and a journal.
 * Pure. No shell reads it; a comma inside a value is doubled, as QEMU wants it.
 * @see https://www.qemu.org/docs/master/system/invocation.html
 */
import { guestToHost, hostToGuest } from '@negotiator/common'
import type { GuestDefinition, GuestDisk, GuestInterface } from '../../managed/definition.js'
import type { MachinePlaces } from './machine-places.js'

interface Machine {
  readonly definition: GuestDefinition
  readonly places: MachinePlaces
  /** The file with its memory, when it goes on from there. */
  readonly resumeFrom?: string | undefined
  /** As Node calls it; this machine's unless given. */
  readonly processor?: string
}

/** @returns the arguments behind the program's name */
export function machineArguments({
  definition,
  places,
  resumeFrom,
  processor = process.arch,
}: Machine): readonly string[] {
  const { name, uuid, memoryBytes, vcpuCount, kernel, disks, interfaces, qemuOptions } = definition
  return [
    ...['-name', `guest=${value(name)}`, '-uuid', uuid],
    // What it is does not hang on who starts it, nor on files of the user's.
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-daemonize'],
    ...(has(qemuOptions, 'accel') || has(qemuOptions, 'machine') ? [] : ['-accel', 'kvm', '-accel', 'tcg']),
    ...['-m', `size=${Math.ceil(memoryBytes / 1024)}K`, '-smp', String(vcpuCount)],
    ...endArguments(definition),
    // By it the machine hears of a kernel's panic. The one on ISA is known to more guests.
    ...['-device', processor === 'x64' ? 'pvpanic' : 'pvpanic-pci'],
    ...channelArguments(places),
    ...monitorArguments(places),
    ...(kernel === undefined ? [] : ['-kernel', kernel.path]),
    ...(kernel?.initrd === undefined ? [] : ['-initrd', kernel.initrd]),
    ...(kernel === undefined || kernel.args === '' ? [] : ['-append', kernel.args]),
    ...disks.flatMap(diskArguments),
    ...interfaces.flatMap(interfaceArguments),
    ...(resumeFrom === undefined ? [] : ['-incoming', `exec:cat ${quoted(resumeFrom)}`]),
    ...qemuOptions,
  ]
}

/**
 * A machine that ends by itself stays as a process that does nothing, so that whoever asks later can tell how it ended. A reboot is
 * left to QEMU unless something else is to be done then.
 */
function endArguments({ onReboot }: GuestDefinition): readonly string[] {
  return ['-action', `reboot=${onReboot === 'restart' ? 'reset' : 'shutdown'},shutdown=pause,panic=pause`]
}

function channelArguments({ hostToGuest: calls, guestToHost: called }: MachinePlaces): readonly string[] {
  const port = (id: string, path: string, name: string): readonly string[] => [
    ...['-chardev', `socket,id=${id},path=${value(path)},server=on,wait=off`],
    ...['-device', `virtserialport,chardev=${id},name=${name}`],
  ]
  return [
    '-device',
    'virtio-serial-pci',
    ...port('h2g', calls, hostToGuest),
    ...port('g2h', called, guestToHost),
  ]
}

/** "pipe" opens two files of any kind: what a monitor reads from, and what it writes to. */
function monitorArguments({ monitor, journal }: MachinePlaces): readonly string[] {
  return [
    ...['-chardev', `socket,id=monitor,path=${value(monitor)},server=on,wait=off`],
    ...['-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', `pipe,id=journal,path=${value(journal)}`, '-mon', 'chardev=journal,mode=control'],
  ]
}

function diskArguments({ path, format, kind, bus, isReadOnly }: GuestDisk, index: number): readonly string[] {
  const id = `disk${index}`
  const isCdrom = kind === 'cdrom'
  const readOnly = isReadOnly || isCdrom ? 'on' : 'off'
  const drive = `if=none,id=${id},format=${format},readonly=${readOnly},file=${value(path)}`
  const boot = `drive=${id},bootindex=${index + 1}`
  switch (bus) {
    case 'virtio':
      return ['-drive', drive, '-device', `virtio-blk-pci,${boot}`]
    case 'scsi':
      return [
        '-drive',
        drive,
        '-device',
        `virtio-scsi-pci,id=scsi${index}`,
        '-device',
        `scsi-${isCdrom ? 'cd' : 'hd'},bus=scsi${index}.0,${boot}`,
      ]
    case 'sata':
      return [
        '-drive',
        drive,
        '-device',
        `ich9-ahci,id=sata${index}`,
        '-device',
        `ide-${isCdrom ? 'cd' : 'hd'},bus=sata${index}.0,${boot}`,
      ]
    case 'ide':
      return ['-drive', drive, '-device', `ide-${isCdrom ? 'cd' : 'hd'},${boot}`]
  }
}

function interfaceArguments(net: GuestInterface, index: number): readonly string[] {
  const id = `net${index}`
  return ['-netdev', `${backendOf(net)},id=${id}`, '-device', `${net.model},netdev=${id},mac=${net.mac}`]
}

function backendOf(net: GuestInterface): string {
  switch (net.kind) {
    case 'user':
      return 'user'
    case 'bridge':
      return `bridge,br=${value(net.bridge)}`
    case 'tap':
      return `tap,ifname=${value(net.device)},script=no,downscript=no`
  }
}

function has(options: readonly string[], name: string): boolean {
  return options.some((option) => option === `-${name}` || option === `--${name}`)
}

function value(text: string): string {
  return text.replaceAll(',', ',,')
}

/** For the one place where QEMU has a shell read something. */
export function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`
}
