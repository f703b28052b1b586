import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hostToGuest, systemClock } from '@negotiator/common'
import { testFolder, testScene, testStatus } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { testSocket } from '../drivers/test-world.js'
import { driversCheck } from './drivers.js'
import { hostScene } from './host-scene.js'
import type { HostScene } from './host-scene.js'
import { testGuest, testHostScene } from './test-host-scene.js'

interface Asked {
  readonly drivers: readonly string[]
  readonly wanted?: string
}

/** The scene as the program sets it. */
async function sceneOf(t: Test, { drivers, wanted }: Asked): Promise<HostScene> {
  const scene = await testScene(t)
  return await hostScene(
    { ...scene, config: { ...scene.config, drivers } },
    { wanted, clock: systemClock, nowMs: Date.now() },
  )
}

test('a driver that finds guests is well, and one that cannot is told, until it can', async (t) => {
  const folder = join(testFolder(t), 'guests')
  const drivers = [`folder:${folder}`]
  t.match(await driversCheck.look(await sceneOf(t, { drivers })), [
    {
      severity: 'error',
      code: 'guest-folder-missing',
      found: /^Cannot list the guests in ".*": the folder does not exist/,
      why: `Guests that only the driver "folder:${folder}" would find cannot be called.`,
    },
  ])
  mkdirSync(join(folder, 'web1'), { recursive: true })
  await testSocket({ test: t, path: join(folder, 'web1', `${hostToGuest}.sock`) })
  t.same(await driversCheck.look(await sceneOf(t, { drivers })), [
    { severity: 'ok', found: `the driver "folder:${folder}" finds 1 guest` },
  ])
})

test('a driver that there is not is told with the known ones', async (t) => {
  t.match(await driversCheck.look(await sceneOf(t, { drivers: ['libvrit'] })), [
    { severity: 'error', code: 'unknown-driver', found: /did you mean "libvirt"\?$/ },
  ])
})

test('no guests are a note; one that was asked for and is not there is an error', async (t) => {
  const folder = testFolder(t)
  const drivers = [`folder:${folder}`]
  t.match(await driversCheck.look(await sceneOf(t, { drivers })), [
    { severity: 'ok' },
    { severity: 'note', code: 'no-guests' },
  ])
  mkdirSync(join(folder, 'web1'))
  await testSocket({ test: t, path: join(folder, 'web1', `${hostToGuest}.sock`) })
  t.match(await driversCheck.look(await sceneOf(t, { drivers, wanted: 'web2' })), [
    { severity: 'ok' },
    {
      severity: 'error',
      code: 'no-such-guest',
      found: 'there is no guest "web2"; did you mean "web1"?',
      mend: /web1$/,
    },
  ])
  t.match(await driversCheck.look(await sceneOf(t, { drivers, wanted: 'web1' })), [{ severity: 'ok' }])
})

test('with "auto" a libvirt that is not there is a warning, with its name an error', async (t) => {
  const problem = { sentence: 'Cannot ask libvirt', code: 'libvirt-unreachable' }
  const scene = await testHostScene(t, { drivers: [{ name: 'libvirt', guests: [], problem }] })
  t.match(await driversCheck.look(scene), [
    { severity: 'warning', code: 'libvirt-unreachable', mend: /^systemctl start libvirtd/ },
  ])
  const asked = { ...scene, config: { ...scene.config, drivers: ['libvirt'] } }
  t.match(await driversCheck.look(asked), [{ severity: 'error', code: 'libvirt-unreachable' }])
})

test('a driver that fails in the daemon only is told in its words', async (t) => {
  const status = testStatus({ drivers: [{ name: 'qemu', problem: 'Cannot look for QEMU' }] })
  const scene = await testHostScene(t, {
    daemon: { kind: 'answers', status },
    drivers: [{ name: 'qemu', guests: [] }],
  })
  t.match(await driversCheck.look(scene), [
    {
      severity: 'warning',
      code: 'daemon-driver-failed',
      found: /but the daemon says: Cannot look for QEMU$/,
    },
  ])
})

test('what a driver leaves out is a note, unless it is told with its guest', async (t) => {
  const warnings = [
    { sentence: 'A QEMU process is left alone', fields: { id: 7, userId: 1000 } },
    { sentence: 'A channel of a guest cannot be used', fields: { guest: 'web1', channel: hostToGuest } },
  ]
  const scene = await testHostScene(t, { guests: [testGuest()], warnings })
  t.match(await driversCheck.look(scene), [
    { severity: 'note', code: 'driver-warning', found: 'A QEMU process is left alone, id 7, userId 1000' },
  ])
  t.equal((await driversCheck.look(scene)).length, 1)
})
