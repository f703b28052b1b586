import { test } from 'tap'
import { libvirtUri } from './libvirt-uri.js'

test('libvirtUri() takes what is named, then what the daemon asks, then the machine', (t) => {
  const drivers = ['folder:/run/guests', 'libvirt:qemu:///session', 'libvirt:qemu:///system']
  t.equal(libvirtUri({ given: 'test:///default', drivers }), 'test:///default')
  t.equal(libvirtUri({ given: undefined, drivers }), 'qemu:///session')
  t.equal(libvirtUri({ given: undefined, drivers: ['auto'] }), 'qemu:///system')
  t.throws(() => libvirtUri({ given: 'qemu+ssh://other/system', drivers }), {
    message: /^Cannot use the libvirt "qemu\+ssh:\/\/other\/system": it names another machine/,
  })
  t.end()
})
