import { test } from 'tap'
import { qemuArguments } from './qemu-arguments.js'
import type { Hardware } from './qemu-arguments.js'

const hardware: Hardware = {
  image: { qemu: '/usr/bin/qemu-system-x86_64', kernel: '/k', initramfs: '/i' },
  name: 'web1',
  uuid: '6dd3a0ab-3f0a-4d43-8a5b-0d3e6f2a9c11',
  memoryMb: 512,
  cpus: 2,
  accelerator: 'tcg',
  ports: [{ name: 'negotiator-host-to-guest.0', socketPath: '/tmp/a,b.sock' }],
  extraArgs: ['-snapshot'],
}
const sockets = { monitor: 3, log: 4, console: 5 }

test('qemuArguments() lays a port out as a listening socket and a named device', (t) => {
  const args = qemuArguments(hardware, sockets).join(' ')
  t.match(args, '-chardev socket,id=charchannel0,path=/tmp/a,,b.sock,server=on,wait=off')
  t.match(
    args,
    '-device virtserialport,bus=virtio-serial0.0,chardev=charchannel0,id=channel0,name=negotiator-host-to-guest.0',
  )
  t.match(args, 'negotiator.hostname=web1 negotiator.ports=1')
  t.match(args, / -snapshot$/)
  t.end()
})

test('qemuArguments() refuses a name that is no host name', (t) => {
  t.throws(() => qemuArguments({ ...hardware, name: 'web 1' }, sockets), /Cannot start machine "web 1"/)
  t.end()
})

test('qemuArguments() refuses a socket path one byte too long', (t) => {
  const ports = (bytes: number): Hardware['ports'] => [{ name: 'x', socketPath: '/'.padEnd(bytes, 'x') }]
  t.doesNotThrow(() => qemuArguments({ ...hardware, ports: ports(107) }, sockets))
  t.throws(() => qemuArguments({ ...hardware, ports: ports(108) }, sockets), /108 bytes, at most 107 fit/)
  t.end()
})
