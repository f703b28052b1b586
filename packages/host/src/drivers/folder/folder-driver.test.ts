import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guestToHost, hostToGuest, silentLog, SystemError, systemClock } from '@negotiator/common'
import type { Clock } from '@negotiator/common'
import { FakeClock, testFolder } from '@negotiator/common/testing'
import { test } from 'tap'
import type { Test } from 'tap'
import { checkDriver } from '../check-driver.js'
import type { DriverStage } from '../check-driver.js'
import type { Driver, FoundGuest } from '../driver.js'
import { AwaitedChanges, testLog, testSocket } from '../test-world.js'
import { createFolderDriver } from './folder-driver.js'

const noSignal = new AbortController().signal

interface Watched {
  readonly driver: Driver
  readonly changes: AwaitedChanges
  /** Acts, and lists after each change that is told until the guests have these names. */
  readonly until: (
    names: readonly string[],
    act: () => Promise<void> | void,
  ) => Promise<readonly FoundGuest[]>
}

async function watchFolder(
  t: Test,
  { folder, clock = systemClock }: { folder: string; clock?: Clock },
): Promise<Watched> {
  const driver = createFolderDriver({ folder, clock, log: silentLog })
  const changes = new AwaitedChanges()
  const unwatch = await driver.watch(changes.onChange)
  t.teardown(unwatch)
  const until: Watched['until'] = async (names, act) => {
    let seen = changes.count
    await act()
    for (;;) {
      await changes.moreThan(seen)
      seen = changes.count
      const guests = await driver.list(noSignal).catch(() => [])
      if (guests.map(({ name }) => name).join() === names.join()) return guests
    }
  }
  return { driver, changes, until }
}

/** A folder with a guest's first channel in it. */
async function makeGuest(t: Test, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await testSocket({ test: t, path: join(folder, `${hostToGuest}.sock`) })
}

test('the folder driver keeps the contract of drivers', async (t) => {
  await checkDriver(t, async (t): Promise<DriverStage> => {
    const folder = testFolder(t)
    return await Promise.resolve({
      driver: createFolderDriver({ folder, clock: systemClock, log: silentLog }),
      addGuest: async ({ name, uuid, channels }) => {
        mkdirSync(join(folder, name))
        writeFileSync(join(folder, name, 'uuid'), `${uuid}\n`)
        for (const channel of channels)
          await testSocket({ test: t, path: join(folder, name, `${channel}.sock`) })
      },
      removeGuest: async (name) => await Promise.resolve(rmSync(join(folder, name), { recursive: true })),
    })
  })
})

test('list() says what to do about a folder that is missing, is none, or is kept from us', async (t) => {
  const parent = testFolder(t)
  const list = async (folder: string): Promise<unknown> =>
    await createFolderDriver({ folder, clock: systemClock, log: silentLog }).list(noSignal)
  const message = `Cannot list the guests in "${parent}/x": the folder does not exist; create it or change "drivers" in the configuration`
  await t.rejects(list(join(parent, 'x')), new SystemError(message, { code: 'guest-folder-missing' }))
  writeFileSync(join(parent, 'file'), '')
  await t.rejects(list(join(parent, 'file')), {
    code: 'guest-folder-unreadable',
    message: /it is not a folder; change "drivers"/,
  })
  symlinkSync('loop', join(parent, 'loop'))
  await t.rejects(list(join(parent, 'loop')), { code: 'guest-folder-unreadable', message: /ELOOP/ })
})

test('list() tells a problem with a guest once, until it is another', async (t) => {
  const folder = testFolder(t)
  await makeGuest(t, join(folder, 'web1'))
  writeFileSync(join(folder, 'web1/uuid'), 'web1\n')
  const { log, lines } = testLog()
  const driver = createFolderDriver({ folder, clock: systemClock, log })
  t.match(await driver.list(noSignal), [{ name: 'web1', uuid: undefined }])
  await driver.list(noSignal)
  t.equal(lines.length, 1)
  t.match(lines[0], /^warn .*the uuid of the guest "web1"/)
})

test('watch() notices a folder that appears later, with all those above it', async (t) => {
  const parent = testFolder(t)
  const { until, driver } = await watchFolder(t, { folder: join(parent, 'run/negotiator/guests') })
  await t.rejects(driver.list(noSignal), { code: 'guest-folder-missing' })
  await until(['web1'], async () => await makeGuest(t, join(parent, 'run/negotiator/guests/web1')))
  await until(['web1', 'web2'], async () => await makeGuest(t, join(parent, 'run/negotiator/guests/web2')))
})

test('watch() notices guests of a folder that was removed and made anew at once', async (t) => {
  const folder = join(testFolder(t), 'guests')
  await makeGuest(t, join(folder, 'web1'))
  const { until } = await watchFolder(t, { folder })
  await until(['web2'], async () => {
    rmSync(folder, { recursive: true })
    await makeGuest(t, join(folder, 'web2'))
  })
  await until(['web2', 'web3'], async () => await makeGuest(t, join(folder, 'web3')))
  await until([], () => rmSync(folder, { recursive: true }))
  await until(['web4'], async () => await makeGuest(t, join(folder, 'web4')))
})

test('watch() notices a socket that appears later, in a folder that was there', async (t) => {
  const folder = testFolder(t)
  mkdirSync(join(folder, 'web1'))
  const { until } = await watchFolder(t, { folder })
  await until(['web1'], async () => await makeGuest(t, join(folder, 'web1')))
  const both = async (): Promise<void> =>
    await testSocket({ test: t, path: join(folder, 'web1', `${guestToHost}.sock`) })
  t.same(Object.keys((await until(['web1'], both))[0]?.sockets ?? {}), [hostToGuest, guestToHost])
})

test('watch() notices a new name and a new uuid', async (t) => {
  const folder = testFolder(t)
  await makeGuest(t, join(folder, 'web1'))
  const { until } = await watchFolder(t, { folder })
  await until(['web2'], () => renameSync(join(folder, 'web1'), join(folder, 'web2')))
  const uuid = '4f6c0f0e-3a0b-4c7e-9d55-0123456789ab'
  t.match(await until(['web2'], () => writeFileSync(join(folder, 'web2/uuid'), uuid)), [{ uuid }])
})

test('watch() notices what happens behind a link', async (t) => {
  const [folder, elsewhere] = [testFolder(t), testFolder(t)]
  const { until } = await watchFolder(t, { folder })
  symlinkSync(elsewhere, join(folder, 'web1'))
  await until(['web1'], async () => await makeGuest(t, elsewhere))
})

test('watch() does not mind what else happens in the folders', async (t) => {
  const folder = testFolder(t)
  await makeGuest(t, join(folder, 'web1'))
  const { until, changes } = await watchFolder(t, { folder })
  writeFileSync(join(folder, 'README'), 'see the wiki')
  writeFileSync(join(folder, 'web1/disk.img'), 'blocks')
  mkdirSync(join(folder, 'empty'))
  await until(['web1', 'web2'], async () => await makeGuest(t, join(folder, 'web2')))
  t.equal(changes.count, 1)
})

test('watch() looks every ten seconds for what the kernel does not tell', async (t) => {
  const parent = testFolder(t)
  await makeGuest(t, join(parent, 'one/guests/web1'))
  await makeGuest(t, join(parent, 'two/guests/web2'))
  symlinkSync('one', join(parent, 'current'))
  const clock = new FakeClock()
  const { until } = await watchFolder(t, { folder: join(parent, 'current/guests'), clock })
  await until(['web2'], async () => {
    rmSync(join(parent, 'current'))
    symlinkSync('two', join(parent, 'current'))
    await clock.advance(10_000)
  })
})

test('watch() leaves no timer behind', async (t) => {
  const clock = new FakeClock()
  const unwatch = await createFolderDriver({ folder: testFolder(t), clock, log: silentLog }).watch(
    () => undefined,
  )
  t.equal(clock.timerCount, 1)
  await unwatch()
  t.equal(clock.timerCount, 0)
})
