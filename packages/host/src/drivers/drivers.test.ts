import { silentLog, systemClock, UsageError } from '@negotiator/common'
import { test } from 'tap'
import { createDriver } from './drivers.js'

const needs = { clock: systemClock, log: silentLog }

test('createDriver() makes the driver that is asked for, and names it so', (t) => {
  for (const spec of ['qemu', 'qemu:web-*', 'folder:/run/guests', 'folder:/run/odd:name']) {
    t.equal(createDriver(spec, needs).name, spec)
  }
  t.end()
})

test('createDriver() lists the known drivers when it is asked for another', (t) => {
  const message =
    'Cannot use the driver "xen": the known ones are qemu, qemu:NAMES (e.g. qemu:web-*), folder:DIR'
  t.throws(() => createDriver('xen', needs), new UsageError(message, { code: 'unknown-driver' }))
  t.throws(() => createDriver('', needs), { code: 'unknown-driver' })
  t.end()
})

test('createDriver() suggests the driver that was probably meant', (t) => {
  t.throws(() => createDriver('qem', needs), { code: 'unknown-driver', message: /; did you mean "qemu"\?$/ })
  t.throws(() => createDriver('foldr:/run', needs), {
    code: 'unknown-driver',
    message: /; did you mean "folder"\?$/,
  })
  t.end()
})

test('createDriver() says what a driver lacks', (t) => {
  for (const spec of ['folder', 'folder:', 'folder:guests', 'folder:./guests']) {
    t.throws(
      () => createDriver(spec, needs),
      { code: 'bad-driver', message: /needs an absolute path; write e\.g\. folder:\// },
      spec,
    )
  }
  t.throws(() => createDriver('qemu:', needs), { code: 'bad-driver', message: /names are missing/ })
  t.end()
})
