import { parseDomainXml } from '@negotiator/common'
import { test } from 'tap'
import { draftFromXml } from '../../managed/forms/libvirt-xml.js'
import { testDefinition } from '../check-machines.js'
import { managedDomainXml } from './managed-domain.js'

const pc = { isKvm: true, processor: 'x64' }
const oddText = `a'b"c<d>&amp;`

test('managedDomainXml() writes what the import of libvirt XML reads', (t) => {
  const definition = {
    ...testDefinition(['-device', oddText]),
    kernel: { path: `/boot/${oddText}`, initrd: '/boot/initrd', args: 'quiet x=1&2' },
    disks: [
      { path: `/images/${oddText}`, format: 'qcow2', kind: 'disk', bus: 'virtio', isReadOnly: false },
      { path: '/dev/vg/web1', format: 'raw', kind: 'disk', bus: 'scsi', isReadOnly: true },
      { path: '/images/cd.iso', format: 'raw', kind: 'cdrom', bus: 'ide', isReadOnly: true },
    ],
    interfaces: [
      { kind: 'user', mac: '52:54:00:00:00:01', model: 'virtio-net-pci' },
      { kind: 'bridge', bridge: 'br0', mac: '52:54:00:00:00:02', model: 'e1000' },
    ],
  } as const
  const xml = managedDomainXml(definition, pc)
  const { values, problems } = draftFromXml(xml, 'test')
  t.same(problems, [])
  t.match(values, {
    uuid: definition.uuid,
    name: definition.name,
    memory: '64MiB',
    vcpus: 1,
    kernel: definition.kernel,
    disks: definition.disks.map(({ isReadOnly, ...disk }) => ({ ...disk, read_only: isReadOnly })),
    interfaces: definition.interfaces,
    qemu_options: ['-device', oddText],
  })
  t.match(parseDomainXml(xml), { name: definition.name, uuid: definition.uuid })
  t.match(xml, "<disk type='block' device='disk'>")
  t.match(xml, "<model type='virtio'/>")
  t.end()
})

test('managedDomainXml() leaves to libvirt only a restart that is wanted, and a crash that is kept', (t) => {
  const ends = (more: Partial<ReturnType<typeof testDefinition>>): readonly string[] =>
    managedDomainXml({ ...testDefinition(), ...more }, pc).match(/(?<=<on_\w+>)[a-z]+/g) ?? []
  t.same(ends({ onReboot: 'restart', onCrash: 'restart' }), ['destroy', 'restart', 'destroy'])
  t.same(ends({ onReboot: 'rename-restart', onCrash: 'rename-restart' }), ['destroy', 'destroy', 'preserve'])
  t.same(ends({ onPoweroff: 'restart', onReboot: 'preserve', onCrash: 'preserve' }), [
    ...['destroy', 'destroy', 'preserve'],
  ])
  t.end()
})

test('managedDomainXml() asks for no PC where there is none, and names disks as they go on', (t) => {
  const disk = { format: 'raw', kind: 'disk', bus: 'virtio', isReadOnly: false } as const
  const disks = Array.from({ length: 28 }, (_, index) => ({ ...disk, path: `/images/${index}` }))
  const tap = { kind: 'tap', device: 'tap0', mac: '52:54:00:00:00:01', model: 'virtio-net-pci' } as const
  const xml = managedDomainXml(
    { ...testDefinition(), disks, interfaces: [tap] },
    { isKvm: false, processor: 'arm64' },
  )
  t.match(xml, /^<domain type='qemu' /)
  t.notMatch(xml, /acpi|panic|qemu:commandline/)
  t.match(xml, /dev='vdz' .*\n.*dev='vdaa' .*\n.*dev='vdab' /)
  t.match(xml, "<interface type='ethernet'><target dev='tap0' managed='no'/>")
  t.end()
})
