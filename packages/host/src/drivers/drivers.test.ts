import { silentLog, systemClock, UsageError } from '@negotiator/common'
import { test } from 'tap'
import { createDrivers } from './drivers.js'

const needs = { clock: systemClock, log: silentLog }

const create = (...specs: readonly string[]): readonly string[] =>
  createDrivers(specs, needs).map(({ name }) => name)

test('createDrivers() makes the drivers that are asked for, and names them so', (t) => {
  const specs = [
    'libvirt',
    'libvirt:qemu:///session',
    'qemu',
    'qemu:web-*',
    'folder:/run/guests',
    'folder:/odd:name',
  ]
  t.same(create(...specs), specs)
  t.end()
})

test('createDrivers() makes both drivers of running machines of "auto"', (t) => {
  t.same(create('auto', 'folder:/run/guests'), ['libvirt', 'qemu', 'folder:/run/guests'])
  t.throws(() => create('auto:'), { code: 'unknown-driver' })
  t.end()
})

test('createDrivers() lists the known drivers when it is asked for another', (t) => {
  const message =
    'Cannot use the driver "xen": the known ones are auto, libvirt, libvirt:URI (e.g. libvirt:qemu:///session), qemu, ' +
    'qemu:NAMES (e.g. qemu:web-*), folder:DIR'
  t.throws(() => create('xen'), new UsageError(message, { code: 'unknown-driver' }))
  t.throws(() => create(''), { code: 'unknown-driver' })
  t.end()
})

test('createDrivers() suggests the driver that was probably meant', (t) => {
  t.throws(() => create('qem'), { code: 'unknown-driver', message: /; did you mean "qemu"\?$/ })
  t.throws(() => create('libvrt'), { code: 'unknown-driver', message: /; did you mean "libvirt"\?$/ })
  t.throws(() => create('foldr:/run'), { code: 'unknown-driver', message: /; did you mean "folder"\?$/ })
  t.end()
})

test('createDrivers() says what a driver lacks', (t) => {
  for (const spec of ['folder', 'folder:', 'folder:guests', 'folder:./guests']) {
    t.throws(
      () => create(spec),
      { code: 'bad-driver', message: /needs an absolute path; write e\.g\. folder:\// },
      spec,
    )
  }
  t.throws(() => create('qemu:'), { code: 'bad-driver', message: /names are missing/ })
  t.throws(() => create('libvirt:'), { code: 'bad-driver', message: /a URI is missing/ })
  t.end()
})

test('createDrivers() refuses a libvirt that is elsewhere, or nowhere', (t) => {
  for (const uri of ['qemu+ssh://root@other/system', 'qemu://other/system', 'qemu+tcp://10.0.0.1/system']) {
    t.throws(
      () => create(`libvirt:${uri}`),
      { code: 'bad-libvirt-uri', message: /names another machine/ },
      uri,
    )
  }
  for (const uri of ['system', 'qemu:/system', '--help', 'qemu:///system --help']) {
    t.throws(
      () => create(`libvirt:${uri}`),
      { code: 'bad-libvirt-uri', message: /write e\.g\. qemu:\/\/\/system/ },
      uri,
    )
  }
  t.end()
})
