import { test } from 'tap'
import { checkDriver } from '../check-driver.js'
import type { DriverStage } from '../check-driver.js'
import type { FoundGuest } from '../driver.js'
import { createFakeDriver } from './fake-driver.js'

const noSignal = new AbortController().signal
const web1: FoundGuest = { name: 'web1', sockets: {} }

async function fakeStage(): Promise<DriverStage> {
  const driver = createFakeDriver()
  let guests: readonly FoundGuest[] = []
  const become = async (next: readonly FoundGuest[]): Promise<void> => {
    guests = next
    driver.setGuests(guests)
    await Promise.resolve()
  }
  return await Promise.resolve({
    driver,
    addGuest: async ({ name, uuid, channels }) => {
      const sockets = Object.fromEntries(channels.map((channel) => [channel, `/run/${name}/${channel}.sock`]))
      await become([...guests, { name, uuid: uuid.toLowerCase(), sockets }])
    },
    removeGuest: async (removed) => await become(guests.filter(({ name }) => name !== removed)),
  })
}

test('the fake driver keeps the contract of drivers', async (t) => {
  await checkDriver(t, fakeStage)
})

test('createFakeDriver() has the name it is given', (t) => {
  t.equal(createFakeDriver().name, 'fake')
  t.equal(createFakeDriver('fake:other').name, 'fake:other')
  t.end()
})

test('setProblem() lets list() fail until guests are set again, and tells both', async (t) => {
  const driver = createFakeDriver()
  let changeCount = 0
  await driver.watch(() => (changeCount += 1))
  driver.setProblem(new Error('no such hypervisor'))
  await t.rejects(driver.list(noSignal), { message: 'no such hypervisor' })
  driver.setGuests([web1])
  t.same(await driver.list(noSignal), [web1])
  t.equal(changeCount, 2)
})

test('watcherCount tells who still watches', async (t) => {
  const driver = createFakeDriver()
  const unwatch = await driver.watch(() => undefined)
  t.equal(driver.watcherCount, 1)
  await unwatch()
  t.equal(driver.watcherCount, 0)
})
