/**
 * The contract suite of drivers: every implementation passes it.
 * For tests. Other guests may be there, on a machine that others use, too; only those of the suite are looked at.
 */
import { randomUUID } from 'node:crypto'
import { channelNames, guestToHost, hostToGuest } from '@negotiator/common'
import type { ChannelName } from '@negotiator/common'
import type { Test } from 'tap'
import type { Driver, FoundGuest } from './driver.js'

/** A guest that the suite asks for. */
export interface WantedGuest {
  readonly name: string
  readonly uuid: string
  readonly channels: readonly ChannelName[]
}

/** A driver, and the world that it looks at. */
export interface DriverStage {
  readonly driver: Driver
  /** Makes a guest; resolves once it can be found. */
  readonly addGuest: (wanted: WantedGuest) => Promise<void>
  /** Takes a guest away; resolves once it can no longer be found. */
  readonly removeGuest: (name: string) => Promise<void>
}

/** Makes a driver in a world without guests of the suite; whoever makes them takes them down at the end of `test`. */
export type MakeDriverStage = (test: Test) => Promise<DriverStage>

/** Holds a driver to its contract. */
export async function checkDriver(test: Test, makeStage: MakeDriverStage): Promise<void> {
  await checkList(test, makeStage)
  await checkWatch(test, makeStage)
  await checkUnwatch(test, makeStage)
}

async function checkList(test: Test, makeStage: MakeDriverStage): Promise<void> {
  await test.test('list() gives a guest by its name, its uuid in lower case and its sockets', async (t) => {
    const { driver, addGuest } = await makeStage(t)
    const wanted = aGuest()
    await addGuest(wanted)
    const [found] = ours(await list(driver), [wanted])
    t.match(found, { name: wanted.name, uuid: wanted.uuid.toLowerCase() })
    t.same(Object.keys(found?.sockets ?? {}).sort(), [...wanted.channels].sort())
    const paths = Object.values(found?.sockets ?? {})
    t.ok(
      paths.every((path) => path.startsWith('/')),
      'all paths are absolute',
    )
    t.equal(new Set(paths).size, 2, 'each channel has its own socket')
  })

  await test.test('list() leaves out a channel that a guest does not have', async (t) => {
    const { driver, addGuest } = await makeStage(t)
    const wanted = aGuest([guestToHost])
    await addGuest(wanted)
    t.same(Object.keys(ours(await list(driver), [wanted])[0]?.sockets ?? {}), [guestToHost])
  })

  await test.test('list() follows guests as they come and go, without a watch', async (t) => {
    const { driver, addGuest, removeGuest } = await makeStage(t)
    const [first, second] = [aGuest(), aGuest()]
    t.same(ours(await list(driver), [first, second]), [])
    await addGuest(first)
    await addGuest(second)
    t.same(namesOf(ours(await list(driver), [first, second])), [first.name, second.name].sort())
    await removeGuest(first.name)
    t.same(namesOf(ours(await list(driver), [first, second])), [second.name])
  })

  await test.test('list() gives the same guest the same way each time', async (t) => {
    const { driver, addGuest } = await makeStage(t)
    const wanted = aGuest()
    await addGuest(wanted)
    t.same(ours(await list(driver), [wanted]), ours(await list(driver), [wanted]))
  })

  await test.test('list() refuses when its signal has fired', async (t) => {
    const { driver } = await makeStage(t)
    await t.rejects(driver.list(AbortSignal.abort(new Error('enough'))), { message: 'enough' })
  })
}

async function checkWatch(test: Test, makeStage: MakeDriverStage): Promise<void> {
  await test.test('watch() tells when a guest comes and when it goes, one after the other', async (t) => {
    const { driver, addGuest, removeGuest } = await makeStage(t)
    const [first, second] = [aGuest(), aGuest()]
    const both = [first, second]
    const changes = await Changes.of(driver)
    await addGuest(first)
    t.same(namesOf(await changes.untilListed(both, ({ length }) => length === 1)), [first.name])
    await addGuest(second)
    await changes.untilListed(both, ({ length }) => length === 2)
    await removeGuest(first.name)
    t.same(namesOf(await changes.untilListed(both, ({ length }) => length === 1)), [second.name])
    await removeGuest(second.name)
    await changes.untilListed(both, ({ length }) => length === 0)
    await changes.unwatch()
  })

  await test.test('watch() tells of a guest that goes and comes again with other channels', async (t) => {
    const { driver, addGuest, removeGuest } = await makeStage(t)
    const wanted = aGuest([hostToGuest])
    await addGuest(wanted)
    const changes = await Changes.of(driver)
    await removeGuest(wanted.name)
    await addGuest({ ...wanted, channels: [guestToHost] })
    const isMoved = ([guest]: readonly FoundGuest[]): boolean => guest?.sockets[guestToHost] !== undefined
    await changes.untilListed([wanted], isMoved)
    await changes.unwatch()
  })

  await test.test('watch() tells all who watch', async (t) => {
    const { driver, addGuest } = await makeStage(t)
    const wanted = aGuest()
    const watches = [await Changes.of(driver), await Changes.of(driver)]
    await addGuest(wanted)
    for (const changes of watches)
      t.equal((await changes.untilListed([wanted], ({ length }) => length === 1)).length, 1)
    for (const changes of watches) await changes.unwatch()
  })
}

async function checkUnwatch(test: Test, makeStage: MakeDriverStage): Promise<void> {
  await test.test(
    'watch() tells nothing after its end, not even what was before it; others go on being told',
    async (t) => {
      const { driver, addGuest } = await makeStage(t)
      const wanted = aGuest()
      const [ended, kept] = [await Changes.of(driver), await Changes.of(driver)]
      const adding = addGuest(wanted)
      await ended.unwatch()
      const countAtEnd = ended.count
      await adding
      await kept.untilListed([wanted], ({ length }) => length === 1)
      await kept.unwatch()
      t.equal(ended.count, countAtEnd)
    },
  )

  await test.test('watch() may be ended twice', async (t) => {
    const { driver } = await makeStage(t)
    const unwatch = await driver.watch(() => undefined)
    await unwatch()
    await t.resolves(unwatch())
  })
}

/** The changes that a driver tells, and what it lists then. */
class Changes {
  readonly #driver: Driver
  #count = 0
  #listedCount = 0
  #wake: () => void = () => undefined
  #unwatch: () => Promise<void> = async () => await Promise.resolve()

  private constructor(driver: Driver) {
    this.#driver = driver
  }

  static async of(driver: Driver): Promise<Changes> {
    const changes = new Changes(driver)
    changes.#unwatch = await driver.watch(() => {
      changes.#count += 1
      changes.#wake()
    })
    return changes
  }

  get count(): number {
    return this.#count
  }

  /** Lists after each change, and only then, until the guests of the suite are as expected. */
  async untilListed(
    wanted: readonly WantedGuest[],
    isExpected: (guests: readonly FoundGuest[]) => boolean,
  ): Promise<readonly FoundGuest[]> {
    for (;;) {
      while (this.#count === this.#listedCount) await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#listedCount = this.#count
      const guests = ours(await list(this.#driver), wanted)
      if (isExpected(guests)) return guests
    }
  }

  async unwatch(): Promise<void> {
    await this.#unwatch()
  }
}

/** A guest like no other on this machine. */
function aGuest(channels: readonly ChannelName[] = channelNames): WantedGuest {
  const uuid = randomUUID()
  return { name: `check-${uuid.slice(0, 8)}`, uuid: uuid.toUpperCase(), channels }
}

async function list(driver: Driver): Promise<readonly FoundGuest[]> {
  return await driver.list(new AbortController().signal)
}

function ours(guests: readonly FoundGuest[], wanted: readonly WantedGuest[]): readonly FoundGuest[] {
  return guests.filter(({ uuid }) => wanted.some((guest) => guest.uuid.toLowerCase() === uuid))
}

function namesOf(guests: readonly FoundGuest[]): readonly string[] {
  return guests.map(({ name }) => name).sort()
}
