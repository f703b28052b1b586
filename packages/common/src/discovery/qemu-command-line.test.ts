import { test } from 'tap'
import { guestToHost, hostToGuest } from './channel-names.js'
import { isQemu, parseQemuCommandLine } from './qemu-command-line.js'
import type { QemuMachine } from './qemu-command-line.js'

const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'
const otherUuid = '4f6c0f0e-3a0b-4c7e-9d55-ba9876543210'

function parse(args: readonly string[], folder: string | undefined = '/srv'): QemuMachine {
  return parseQemuCommandLine({ argv: ['/usr/bin/qemu-system-x86_64', ...args], folder })
}

test('isQemu() knows system emulators by the name they were called', (t) => {
  for (const program of [
    'qemu-system-x86_64',
    '/usr/bin/qemu-system-aarch64',
    '/usr/libexec/qemu-kvm',
    'kvm',
    '/opt/qemu-system-x86_64-spice',
  ]) {
    t.ok(isQemu([program, '-S']), program)
  }
  for (const program of [
    'qemu-img',
    'qemu-x86_64',
    '/usr/bin/qemu-ga',
    'sudo',
    'kvm-ok',
    '/opt/qemu-kvm/run',
    '',
  ]) {
    t.notOk(isQemu([program, 'qemu-system-x86_64']), program)
  }
  t.notOk(isQemu([]))
  t.end()
})

test('parseQemuCommandLine() reads a machine as people start it', (t) => {
  const args = [
    ...['-enable-kvm', '-m', '512', '-name', 'web1', '-uuid', uuid.toUpperCase(), 'disk.img'],
    ...[
      '-chardev',
      'socket,id=c0,path=/run/a.sock,server=on,wait=off',
      '-chardev',
      'socket,id=c1,path=/run/b.sock,server,nowait',
    ],
    ...['-device', 'virtio-serial-pci'],
    ...[
      '-device',
      `virtserialport,chardev=c0,name=${hostToGuest}`,
      '-device',
      `virtserialport,chardev=c1,name=${guestToHost},nr=2`,
    ],
    ...['-qmp', 'unix:/run/qmp.sock,server=on,wait=off'],
  ]
  const sockets = { [hostToGuest]: '/run/a.sock', [guestToHost]: '/run/b.sock' }
  t.same(parse(args), { name: 'web1', uuid, sockets, unreachable: {}, monitor: '/run/qmp.sock' })
  t.end()
})

test('parseQemuCommandLine() reads a machine as libvirt starts it', (t) => {
  const args = [
    ...['-name', 'guest=web1,debug-threads=on', '-S', '-uuid', uuid, '-no-user-config', '-nodefaults'],
    ...[
      '-object',
      '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"/var/lib/libvirt/qemu/domain-1-web1/master-key.aes"}',
    ],
    ...[
      '-chardev',
      'socket,id=charmonitor,fd=26,server=on,wait=off',
      '-mon',
      'chardev=charmonitor,id=monitor,mode=control',
    ],
    ...['-device', '{"driver":"virtio-serial-pci","id":"virtio-serial0","bus":"pci.3","addr":"0x0"}'],
    ...['-chardev', 'socket,id=charchannel0,fd=25,server=on,wait=off'],
    ...['-device', portAsJson('charchannel0', hostToGuest, 1)],
    ...['-chardev', 'socket,id=charchannel1,path=/run/libvirt/qemu/channel/1-web1/b,server=on,wait=off'],
    ...['-device', portAsJson('charchannel1', guestToHost, 2)],
  ]
  const { unreachable, ...machine } = parse(args)
  t.same(machine, {
    name: 'web1',
    uuid,
    sockets: { [guestToHost]: '/run/libvirt/qemu/channel/1-web1/b' },
    monitor: undefined,
  })
  t.match(unreachable, { [hostToGuest]: /^QEMU inherited its socket/ })
  t.end()
})

function portAsJson(chardev: string, name: string, nr: number): string {
  return JSON.stringify({
    driver: 'virtserialport',
    bus: 'virtio-serial0.0',
    nr,
    chardev,
    id: `channel${nr}`,
    name,
  })
}

test('parseQemuCommandLine() knows a machine that says nothing of itself', (t) => {
  const nothing = { name: undefined, uuid: undefined, sockets: {}, unreachable: {}, monitor: undefined }
  t.same(parse([]), nothing)
  t.same(parse(['-', '--', '', 'disk.img', '-name']), nothing)
  t.end()
})

test('parseQemuCommandLine() reads names as QEMU does', (t) => {
  const names: readonly (readonly [args: readonly string[], name: string | undefined])[] = [
    [['-name', 'web1'], 'web1'],
    [['--name', 'web1'], 'web1'],
    [['-name', 'web1,process=qemu:web1'], 'web1'],
    [['-name', 'process=qemu:web1,debug-threads=on,guest=web1'], 'web1'],
    [['-name', 'process=qemu:web1'], undefined],
    [['-name', 'a,,b=c,,,debug-threads=on'], 'a,b=c,'],
    [['-name', 'guest=a,,b'], 'a,b'],
    [['-name', 'guest=a=b'], 'a=b'],
    [['-name', 'guest=a,guest=b'], 'b'],
    [['-name', 'one', '-name', 'process=x', '-name', 'guest=two', '-name', 'process=y'], 'two'],
    [['-name', ''], undefined],
    [['-name', '-S'], '-S'],
    [['-name', 'two words\n'], 'two words\n'],
  ]
  for (const [args, name] of names) t.equal(parse(args).name, name, args.join(' '))
  t.end()
})

test('parseQemuCommandLine() is not misled by the words of a kernel command line', (t) => {
  t.equal(parse(['-append', '-name', '-name', 'web1']).name, 'web1')
  t.equal(parse(['-append', '-name']).name, undefined)
  t.end()
})

test('parseQemuCommandLine() takes the last uuid, from -uuid or the system table', (t) => {
  t.equal(parse(['-smbios', `type=1,manufacturer=me,uuid=${uuid}`]).uuid, uuid)
  t.equal(parse(['-uuid', otherUuid, '-smbios', `type=1,uuid=${uuid}`]).uuid, uuid)
  t.equal(parse(['-smbios', `type=1,uuid=${otherUuid}`, '--uuid', uuid]).uuid, uuid)
  t.equal(
    parse([
      '-uuid',
      uuid,
      '-smbios',
      'type=1,product=x',
      '-smbios',
      `type=2,uuid=${otherUuid}`,
      '-smbios',
      'file=x',
    ]).uuid,
    uuid,
  )
  t.end()
})

test('parseQemuCommandLine() gives no uuid that is none', (t) => {
  for (const text of ['web1', '', '00000000-0000-0000-0000-000000000000'])
    t.equal(parse(['-uuid', text]).uuid, undefined, text)
  t.end()
})
