import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'tap'
import { FakeClock } from './fake-clock.js'
import { restCollectionsMin, restMs } from './limits.js'
import { RestCollector } from './rest-collector.js'

function collectorAtWork(): { clock: FakeClock; collector: RestCollector; collections: number[] } {
  const clock = new FakeClock()
  const collections: number[] = []
  const collector = new RestCollector({ clock, collect: () => collections.push(clock.now()) })
  return { clock, collector, collections }
}

test('RestCollector collects once, when much work is over', async (t) => {
  const { clock, collector, collections } = collectorAtWork()
  collector.worked(restCollectionsMin)
  await clock.advance(restMs - 1)
  collector.worked(1)
  await clock.advance(restMs - 1)
  t.same(collections, [])
  await clock.advance(60_000)
  t.same(collections, [2 * restMs - 1])
  t.equal(clock.timerCount, 0)
})

test('RestCollector leaves little work alone, and sets no timer for it', async (t) => {
  const { clock, collector, collections } = collectorAtWork()
  collector.worked(restCollectionsMin - 1)
  t.equal(clock.timerCount, 0)
  await clock.advance(60_000)
  t.same(collections, [])
  collector.worked(1)
  await clock.advance(restMs)
  t.equal(collections.length, 1, 'it counts all the same')
})

test('RestCollector that is stopped leaves no timer', (t) => {
  const { clock, collector } = collectorAtWork()
  collector.worked(restCollectionsMin)
  collector.stop()
  t.equal(clock.timerCount, 0)
  t.end()
})

/** Works, rests, and prints how many MiB the heap holds. */
const working = (begin: string): string => `
  import { setTimeout as pass } from 'node:timers/promises'
  import { keepHeapLean } from ${JSON.stringify(join(import.meta.dirname, 'lean-heap.js'))}
  import { collectAtRest } from ${JSON.stringify(join(import.meta.dirname, 'rest-collector.js'))}
  import { FakeClock } from ${JSON.stringify(join(import.meta.dirname, 'fake-clock.js'))}
  keepHeapLean()
  const clock = new FakeClock()
  const stop = ${begin}
  let alive = []
  for (let round = 0; round < 40; round += 1) {
    alive.push(Array.from({ length: 20_000 }, (_, index) => ({ round, index })))
    if (alive.length > 10) alive.shift()
    // V8 tells of its collections in a turn of their own.
    await pass(1)
  }
  alive = []
  await clock.advance(${restMs})
  stop()
  console.log(process.memoryUsage().heapUsed / 2 ** 20)`

const heldMib = (begin: string): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', working(begin)], { encoding: 'utf8' }),
  )

test('collectAtRest() gives back what died in the work before, which stays without it', (t) => {
  const atRestMib = heldMib('collectAtRest(clock)')
  const usualMib = heldMib('() => undefined')
  t.comment(`${atRestMib} MiB, without it ${usualMib}`)
  t.ok(atRestMib < usualMib - 3)
  t.end()
})
