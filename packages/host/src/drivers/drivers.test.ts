import { silentLog, systemClock, UsageError } from '@negotiator/common'
import { test } from 'tap'
import { createDrivers } from './drivers.js'

const needs = { clock: systemClock, log: silentLog }

const create = async (...specs: readonly string[]): Promise<readonly string[]> =>
  (await createDrivers(specs, needs)).map(({ name }) => name)

test('createDrivers() makes the drivers that are asked for, and names them so', async (t) => {
  const specs = [
    'libvirt',
    'libvirt:qemu:///session',
    'qemu',
    'qemu:web-*',
    'folder:/run/guests',
    'folder:/odd:name',
    'fake',
  ]
  t.same(await create(...specs), specs)
})

test('createDrivers() makes both drivers of running machines of "auto"', async (t) => {
  t.same(await create('auto', 'folder:/run/guests'), ['libvirt', 'qemu', 'folder:/run/guests'])
  await t.rejects(create('auto:'), { code: 'unknown-driver' })
})

test('createDrivers() lists the known drivers when it is asked for another', async (t) => {
  const message =
    'Cannot use the driver "xen": the known ones are auto, libvirt, libvirt:URI (e.g. libvirt:qemu:///session), qemu, ' +
    'qemu:NAMES (e.g. qemu:web-*), folder:DIR, fake, /PATH/OF/A/MODULE.mjs'
  await t.rejects(create('xen'), new UsageError(message, { code: 'unknown-driver' }))
  await t.rejects(create(''), { code: 'unknown-driver' })
  await t.rejects(create('fake:it'), { code: 'unknown-driver' }, 'nothing is taken behind its colon')
})

test('createDrivers() suggests the driver that was probably meant', async (t) => {
  await t.rejects(create('qem'), { code: 'unknown-driver', message: /; did you mean "qemu"\?$/ })
  await t.rejects(create('libvrt'), { code: 'unknown-driver', message: /; did you mean "libvirt"\?$/ })
  await t.rejects(create('foldr:/run'), { code: 'unknown-driver', message: /; did you mean "folder"\?$/ })
})

test('createDrivers() says what a driver lacks', async (t) => {
  for (const spec of ['folder', 'folder:', 'folder:guests', 'folder:./guests']) {
    await t.rejects(
      create(spec),
      { code: 'bad-driver', message: /needs an absolute path; write e\.g\. folder:\// },
      spec,
    )
  }
  await t.rejects(create('qemu:'), { code: 'bad-driver', message: /names are missing/ })
  await t.rejects(create('libvirt:'), { code: 'bad-driver', message: /a URI is missing/ })
})

test('createDrivers() refuses a libvirt that is elsewhere, or nowhere', async (t) => {
  for (const uri of ['qemu+ssh://root@other/system', 'qemu://other/system', 'qemu+tcp://10.0.0.1/system']) {
    await t.rejects(
      create(`libvirt:${uri}`),
      { code: 'bad-libvirt-uri', message: /names another machine/ },
      uri,
    )
  }
  for (const uri of ['system', 'qemu:/system', '--help', 'qemu:///system --help']) {
    await t.rejects(
      create(`libvirt:${uri}`),
      { code: 'bad-libvirt-uri', message: /write e\.g\. qemu:\/\/\/system/ },
      uri,
    )
  }
})
