import { test } from 'tap'
import { FakeClock } from '@negotiator/common/testing'
import { timerReadiness } from './timer-readiness.js'

/** A port that is looked at; the times of the looks are kept. */
function lookedAt({ clock, isBusy = () => false }: { clock: FakeClock; isBusy?: () => boolean }): {
  readonly looksMs: number[]
  readonly onReady: () => boolean
} {
  const looksMs: number[] = []
  const onReady = (): boolean => {
    looksMs.push(clock.now())
    return isBusy()
  }
  return { looksMs, onReady }
}

test('a quiet port is looked at less and less often, but every 50 ms', async (t) => {
  const clock = new FakeClock()
  const { looksMs, onReady } = lookedAt({ clock })
  timerReadiness(clock).watch(3, onReady)
  await clock.advance(213)
  t.same(looksMs, [1, 3, 7, 15, 31, 63, 113, 163, 213])
})

test('a busy port is looked at every millisecond, also when it was quiet before', async (t) => {
  const clock = new FakeClock()
  const { looksMs, onReady } = lookedAt({ clock, isBusy: () => clock.now() >= 100 })
  timerReadiness(clock).watch(3, onReady)
  await clock.advance(116)
  t.same(looksMs.slice(-4), [113, 114, 115, 116])
})

test('two ports are looked at, each at its own pace', async (t) => {
  const clock = new FakeClock()
  const busy = lookedAt({ clock, isBusy: () => true })
  const quiet = lookedAt({ clock })
  const readiness = timerReadiness(clock)
  readiness.watch(3, busy.onReady)
  readiness.watch(4, quiet.onReady)
  await clock.advance(7)
  t.same(busy.looksMs, [1, 2, 3, 4, 5, 6, 7])
  t.same(quiet.looksMs, [1, 3, 7])
})

test('a port is not looked at any more once its watch has ended, the other one is', async (t) => {
  const clock = new FakeClock()
  const one = lookedAt({ clock })
  const other = lookedAt({ clock })
  const readiness = timerReadiness(clock)
  const unwatch = readiness.watch(3, one.onReady)
  readiness.watch(4, other.onReady)
  unwatch()
  unwatch()
  await clock.advance(1)
  t.same([one.looksMs, other.looksMs], [[], [1]])
})

test('a watch can be ended from within its own look', async (t) => {
  const clock = new FakeClock()
  let looks = 0
  const unwatch = timerReadiness(clock).watch(3, () => {
    looks += 1
    unwatch()
    return true
  })
  await clock.advance(100)
  t.equal(looks, 1)
  t.equal(clock.timerCount, 0)
})

test('close() leaves no timer', async (t) => {
  const clock = new FakeClock()
  const { looksMs, onReady } = lookedAt({ clock })
  const readiness = timerReadiness(clock)
  readiness.watch(3, onReady)
  readiness.watch(4, onReady)
  await clock.advance(2)
  readiness.close()
  readiness.close()
  t.equal(clock.timerCount, 0)
  t.same(looksMs, [1, 1])
})
