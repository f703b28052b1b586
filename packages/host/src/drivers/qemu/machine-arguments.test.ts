import { test } from 'tap'
import { testDefinition } from '../check-machines.js'
import { machineArguments } from './machine-arguments.js'
import { placesOf } from './machine-places.js'

const definition = { ...testDefinition(), name: 'a,b' }
const places = placesOf(definition.uuid, { root: '/', stateFolder: '/var/lib/negotiator' })

/** What stands behind each of such an option. */
function valuesOf(option: string, args: readonly string[]): readonly string[] {
  return args.filter((_, index) => args[index - 1] === option)
}

test('machineArguments() doubles commas, and wires both channels', (t) => {
  const args = machineArguments({ definition, places })
  t.same(valuesOf('-name', args), ['guest=a,,b'])
  t.same(valuesOf('-m', args), ['size=65536K'])
  t.same(
    valuesOf('-device', args).filter((device) => device.startsWith('virtserialport')),
    [
      'virtserialport,chardev=h2g,name=negotiator-host-to-guest.0',
      'virtserialport,chardev=g2h,name=negotiator-guest-to-host.0',
    ],
  )
  t.same(valuesOf('-accel', args), ['kvm', 'tcg'])
  t.end()
})

test('machineArguments() adds kernel, disks, interfaces and the options as they are', (t) => {
  const disk = { path: '/a,b.img', format: 'raw', kind: 'disk', isReadOnly: false } as const
  const buses = ['virtio', 'scsi', 'sata', 'ide'] as const
  const net = { mac: '52:54:00:00:00:01', model: 'virtio-net-pci' }
  const args = machineArguments({
    definition: {
      ...definition,
      kernel: { path: '/vmlinuz', initrd: '/initrd', args: 'quiet "two words"' },
      disks: [...buses.map((bus) => ({ ...disk, bus })), { ...disk, bus: 'ide', kind: 'cdrom' }],
      interfaces: [
        { ...net, kind: 'user' },
        { ...net, kind: 'bridge', bridge: 'br0' },
        { ...net, kind: 'tap', device: 'tap0' },
      ],
      qemuOptions: ['-machine', 'q35,accel=tcg'],
    },
    places,
  })
  t.same(valuesOf('-kernel', args), ['/vmlinuz'])
  t.same(valuesOf('-initrd', args), ['/initrd'])
  t.same(valuesOf('-append', args), ['quiet "two words"'])
  t.same(valuesOf('-drive', args)[0], 'if=none,id=disk0,format=raw,readonly=off,file=/a,,b.img')
  t.match(valuesOf('-drive', args)[4], 'readonly=on')
  t.same(
    valuesOf('-device', args).filter((device) => device.includes('bootindex')),
    [
      'virtio-blk-pci,drive=disk0,bootindex=1',
      'scsi-hd,bus=scsi1.0,drive=disk1,bootindex=2',
      'ide-hd,bus=sata2.0,drive=disk2,bootindex=3',
      'ide-hd,drive=disk3,bootindex=4',
      'ide-cd,drive=disk4,bootindex=5',
    ],
  )
  t.same(valuesOf('-netdev', args), [
    'user,id=net0',
    'bridge,br=br0,id=net1',
    'tap,ifname=tap0,script=no,downscript=no,id=net2',
  ])
  t.same(valuesOf('-accel', args), [], 'the options say it')
  t.same(args.slice(-2), ['-machine', 'q35,accel=tcg'])
  t.end()
})

test('machineArguments() leaves a reboot to QEMU only where nothing else is to be done then', (t) => {
  const actionOf = (onReboot: 'restart' | 'preserve'): readonly string[] =>
    valuesOf('-action', machineArguments({ definition: { ...definition, onReboot }, places }))
  t.same(actionOf('restart'), ['reboot=reset,shutdown=pause,panic=pause'])
  t.same(actionOf('preserve'), ['reboot=shutdown,shutdown=pause,panic=pause'])
  t.end()
})

test('machineArguments() gives each machine a device by which it hears of a panic', (t) => {
  for (const [processor, device] of [
    ['x64', 'pvpanic'],
    ['arm64', 'pvpanic-pci'],
  ] as const)
    t.ok(valuesOf('-device', machineArguments({ definition, places, processor })).includes(device))
  t.end()
})

test('machineArguments() has a shell read the memory by a path that it cannot misread', (t) => {
  const args = machineArguments({ definition, places, resumeFrom: "/it's $(here)" })
  t.same(valuesOf('-incoming', args), [`exec:cat '/it'\\''s $(here)'`])
  t.end()
})
