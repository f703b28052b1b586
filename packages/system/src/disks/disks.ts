/**
 * `disks`: the block devices, from /sys, with what udev and the table of mounts add. A disk's serial number is what the host gave it
 * (`serial=` of QEMU), so both sides can mean the same disk.
 */
import type { Disk, Disks } from '@negotiator/common/system'
import type { SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { listFolder, readText, readWord } from '../files.js'
import type { Machine } from '../machine.js'
import { kindOf } from './disk-kind.js'
import { readMounts } from './mounts.js'
import type { Mount } from './mounts.js'
import { readUdevRecord } from './udev-record.js'

/** Whatever the device: see Documentation/ABI/stable/sysfs-block of Linux. */
const sectorBytes = 512

export const command: SystemCommand = {
  name: 'disks',
  usage: '[--all]',
  options: { all: 'flag' },
  run: async ({ machine, options }) => {
    const found = await readDisks(machine)
    // Loop devices without a file and drives without a disk are no use to anybody.
    const disks: Disks = { disks: found.filter(({ sizeBytes }) => sizeBytes > 0 || options.flags.has('all')) }
    return { json: disks, lines: disks.disks.map(lineOf) }
  },
}

async function readDisks(machine: Machine): Promise<readonly Disk[]> {
  const names = await listFolder(machine, '/sys/block')
  if (names.length === 0 && (await listFolder(machine, '/sys')).length === 0)
    throw missing('Cannot tell the disks: /sys is empty; mount it')
  const mounts = await readMounts(machine)
  const disks: Disk[] = []
  for (const name of names) {
    disks.push(await readDisk({ machine, mounts, folder: `/sys/block/${name}`, name }))
    for (const part of await partitionsOf(machine, name))
      disks.push(
        await readDisk({ machine, mounts, folder: `/sys/block/${name}/${part}`, name: part, disk: name }),
      )
  }
  return disks
}

async function partitionsOf(machine: Machine, disk: string): Promise<readonly string[]> {
  const partitions: string[] = []
  for (const name of await listFolder(machine, `/sys/block/${disk}`)) {
    if (!name.startsWith(disk)) continue
    if ((await readText(machine, `/sys/block/${disk}/${name}/partition`)) !== undefined) partitions.push(name)
  }
  return partitions
}

interface Place {
  readonly machine: Machine
  readonly mounts: readonly Mount[]
  readonly folder: string
  readonly name: string
  /** The disk that a partition is a part of. */
  readonly disk?: string
}

async function readDisk({ machine, mounts, folder, name, disk }: Place): Promise<Disk> {
  const word = async (file: string): Promise<string | undefined> =>
    await readWord(machine, `${folder}/${file}`)
  const number = (await word('dev')) ?? ''
  // A slash in a device's name is written so in /sys.
  const path = `/dev/${name.replaceAll('!', '/')}`
  const record = await readUdevRecord(machine, number)
  const mounted = mounts.filter((mount) => mount.number === number || mount.device === path)
  return {
    name,
    path,
    kind: disk === undefined ? kindOf(name, await word('dm/uuid')) : 'partition',
    parents: disk === undefined ? await listFolder(machine, `${folder}/slaves`) : [disk],
    sizeBytes: (Number(await word('size')) || 0) * sectorBytes,
    serial: disk === undefined ? await serialOf(machine, folder, record) : null,
    model: (await word('device/model')) ?? null,
    isReadOnly: (await word('ro')) === '1',
    isRemovable: (await word('removable')) === '1',
    fileSystem: record.get('ID_FS_TYPE') ?? mounted[0]?.fileSystem ?? null,
    label: record.get('ID_FS_LABEL_ENC') ?? record.get('ID_FS_LABEL') ?? null,
    uuid: record.get('ID_FS_UUID') ?? null,
    mountPoints: mounted.map((mount) => mount.path),
  }
}

/** Each bus keeps it elsewhere: virtio, NVMe, and SCSI behind 4 bytes of a binary page. */
async function serialOf(
  machine: Machine,
  folder: string,
  record: ReadonlyMap<string, string>,
): Promise<string | null> {
  const page = (await readText(machine, `${folder}/device/vpd_pg80`))?.slice(4)
  const found = [
    await readWord(machine, `${folder}/serial`),
    await readWord(machine, `${folder}/device/serial`),
    page?.replaceAll('\0', '').trim(),
    record.get('ID_SCSI_SERIAL'),
    record.get('ID_SERIAL_SHORT'),
    record.get('ID_SERIAL'),
  ]
  return found.find((serial) => serial !== undefined && serial !== '') ?? null
}

function lineOf({ name, kind, sizeBytes, serial, fileSystem, mountPoints }: Disk): string {
  const words = [
    `${name}: ${kind}, ${Math.round(sizeBytes / 2 ** 20)} MiB`,
    serial === null ? [] : `serial ${serial}`,
    fileSystem ?? [],
    mountPoints.length === 0 ? [] : `on ${mountPoints.join(', ')}`,
  ]
  return words.flat().join(', ')
}
