import { disksSchema, disksUsageSchema } from '@negotiator/common/system'
import { test } from 'tap'
import { callCommand, testMachine } from '../test-machine.js'
import type { TestMachineParts } from '../test-machine.js'
import { debian12 } from '../test-systems.js'
import { command as disks } from './disks.js'
import { command as disksUsage } from './disks-usage.js'
import { parseMounts } from './mounts.js'

/** What `disks` answers on a machine. */
async function disksOf(machine: ReturnType<typeof testMachine>, ...args: readonly string[]) {
  const { stdout } = await callCommand(disks, { machine, args: ['--json', ...args] })
  return disksSchema.parse(JSON.parse(stdout)).disks
}

test('disks tells what each device is, and a disk by the serial number that the host gave it', async (t) => {
  const [disk, partition, ...more] = await disksOf(testMachine(t, debian12))
  t.match(disk, { name: 'vda', path: '/dev/vda', kind: 'disk', serial: 'root-disk', sizeBytes: 2 ** 31 })
  t.match(disk, { parents: [], mountPoints: [], fileSystem: null, isReadOnly: false })
  t.match(partition, { name: 'vda1', kind: 'partition', parents: ['vda'], serial: null, fileSystem: 'ext4' })
  t.match(partition, { label: 'my disk', uuid: '5d1f', mountPoints: ['/', '/var/srv'] })
  t.same(more, [], 'a loop device without a file is left out')
  const all = await disksOf(testMachine(t, debian12), '--all')
  t.match(all.at(0), { name: 'loop0', kind: 'loop', sizeBytes: 0 })
})

test('disks tells what lies under a mapped device, and finds serial numbers wherever a bus keeps them', async (t) => {
  const size = '2048\n'
  const machine = testMachine(t, {
    files: {
      '/proc/self/mountinfo': '',
      '/sys/block/sda/size': size,
      '/sys/block/sda/device/vpd_pg80': '\0\u0080\0\u0008scsi-7\0\0',
      '/sys/block/sdb/size': size,
      '/sys/block/sdb/dev': '8:16',
      '/run/udev/data/b8:16': 'E:ID_SERIAL=QEMU_HARDDISK_QM00001\nE:ID_SERIAL_SHORT=QM00001\n',
      '/sys/block/nvme0n1/size': size,
      '/sys/block/nvme0n1/device/serial': 'nvme-9   \n',
      '/sys/block/dm-0/size': size,
      '/sys/block/dm-0/dm/uuid': 'LVM-abc\n',
      '/sys/block/dm-0/slaves/sda': '',
      '/sys/block/dm-0/slaves/sdb': '',
      '/sys/block/dm-1/size': size,
      '/sys/block/dm-1/dm/uuid': 'CRYPT-LUKS2-abc\n',
      '/sys/block/cciss!c0d0/size': size,
      '/sys/block/cciss!c0d0/ro': '1',
    },
  })
  const found = new Map((await disksOf(machine)).map((disk) => [disk.name, disk]))
  t.equal(found.get('sda')?.serial, 'scsi-7')
  t.equal(found.get('sdb')?.serial, 'QM00001')
  t.equal(found.get('nvme0n1')?.serial, 'nvme-9')
  t.match(found.get('dm-0'), { kind: 'lvm', parents: ['sda', 'sdb'] })
  t.match(found.get('dm-1'), { kind: 'encrypted' })
  t.match(found.get('cciss!c0d0'), { path: '/dev/cciss/c0d0', isReadOnly: true })
})

/** What `disks-usage` answers, as `path device`. */
async function pathsOf(parts: TestMachineParts, t: Parameters<typeof testMachine>[0], ...args: string[]) {
  const { stdout } = await callCommand(disksUsage, {
    machine: testMachine(t, parts),
    args: ['--json', ...args],
  })
  return disksUsageSchema.parse(JSON.parse(stdout)).fileSystems.map(({ path, device }) => `${path} ${device}`)
}

test('disks-usage tells each file system once, and leaves out what has no size or does not last', async (t) => {
  t.same(await pathsOf(debian12, t), ['/ /dev/vda1'])
  t.same(await pathsOf(debian12, t, '--ignore-type', 'ext?'), ['/run tmpfs'])
  t.same(await pathsOf(debian12, t, '--ignore-type=tmpfs,ext4'), [])
  const all = ['/sys sysfs', '/ /dev/vda1', '/run tmpfs', '/var/srv /dev/vda1']
  t.same(await pathsOf(debian12, t, '--all'), all)
  const { stdout } = await callCommand(disksUsage, { machine: testMachine(t, debian12), args: ['--json'] })
  const bytes = { totalBytes: 500_000 * 4096, usedBytes: 300_000 * 4096, availableBytes: 174_000 * 4096 }
  t.same(JSON.parse(stdout), {
    fileSystems: [{ path: '/', device: '/dev/vda1', fileSystem: 'ext4', ...bytes }],
  })
})

test('disks-usage never asks a file system that another machine serves', async (t) => {
  const asked: string[] = []
  const statFileSystem = async (path: string) => {
    asked.push(path)
    return await Promise.resolve({ bsize: 1, blocks: 9, bfree: 1, bavail: 1 })
  }
  const paths = await pathsOf({ ...debian12, statFileSystem }, t, '--all')
  t.same(asked.toSorted(), ['/', '/run', '/sys', '/var/srv'])
  t.equal(paths.length, 4)
})

test('mount points with spaces, newlines and more come through as they are', async (t) => {
  const mountinfo = `1 0 8:1 / /my\\040disk rw - ext4 /dev/sda1 rw
2 0 8:2 / /line\\012break\\011\\134\\043 rw - vfat /dev/sda2 rw
3 0 8:3 / /größe rw shared:7 master:2 - xfs /dev/mapper/a\\040b rw
4 0 0:5 / /proc rw - proc proc
nonsense
5 0 8:5 / /no-dash rw ext4 /dev/x rw
6 0 8:6 / /empty rw - ext4
`
  const paths = parseMounts(mountinfo).map(({ path, device }) => [path, device])
  t.same(paths, [
    ['/my disk', '/dev/sda1'],
    ['/line\nbreak\t\\#', '/dev/sda2'],
    ['/größe', '/dev/mapper/a b'],
    ['/proc', 'proc'],
  ])
  const parts = { ...debian12, files: { '/proc/self/mountinfo': mountinfo } }
  t.equal((await pathsOf(parts, t))[1], '/line\nbreak\t\\# /dev/sda2')
  const { stdout } = await callCommand(disksUsage, { machine: testMachine(t, parts) })
  t.match(stdout, '/line\\x0abreak\\x09\\#: 60% of 1953 MiB used (/dev/sda2)\n')
})

test('what is mounted over another thing hides it', (t) => {
  const text =
    '1 0 8:1 / /a rw - ext4 /dev/sda1 rw\n2 0 8:2 / /b rw - ext4 /dev/sda2 rw\n3 1 8:3 / /a rw - ext4 /dev/sda3 rw'
  t.same(
    parseMounts(text).map(({ path, device }) => [path, device]),
    [
      ['/b', '/dev/sda2'],
      ['/a', '/dev/sda3'],
    ],
  )
  t.end()
})
