import { FakeClock, settle } from '@negotiator/common/testing'
import { test } from 'tap'
import { ChangeWatch } from './change-watch.js'

interface Stage {
  readonly clock: FakeClock
  readonly watch: ChangeWatch
  readonly changes: () => number
  readonly looks: () => number
  /** What there is to see from now on. */
  readonly show: (state: string) => void
}

function stage(): Stage {
  const clock = new FakeClock()
  let shown = 'a'
  let [changes, looks] = [0, 0]
  const look = async (): Promise<string> => {
    looks += 1
    await settle()
    return shown
  }
  const watch = new ChangeWatch({ look, onChange: () => (changes += 1), intervalMs: 1000, clock })
  return { clock, watch, changes: () => changes, looks: () => looks, show: (state) => (shown = state) }
}

test('start() takes a first look and tells nothing', async (t) => {
  const { watch, changes, looks } = stage()
  await watch.start()
  t.same([looks(), changes()], [1, 0])
  await watch.close()
})

test('A change is told at the next look, once', async (t) => {
  const { clock, watch, changes, show } = stage()
  await watch.start()
  show('b')
  await clock.advance(999)
  t.equal(changes(), 0)
  await clock.advance(1)
  await watch.lookNow()
  t.equal(changes(), 1)
  await clock.advance(1000)
  await watch.lookNow()
  t.equal(changes(), 1)
  await watch.close()
})

test('lookNow() tells a change at once, and the next look waits its full time again', async (t) => {
  const { clock, watch, changes, looks, show } = stage()
  await watch.start()
  await clock.advance(900)
  show('b')
  await watch.lookNow()
  t.equal(changes(), 1)
  await clock.advance(900)
  t.equal(looks(), 2)
  await watch.close()
})

test('lookNow() during a look takes another one after it', async (t) => {
  const { watch, changes, looks, show } = stage()
  await watch.start()
  const first = watch.lookNow()
  const second = watch.lookNow()
  await first
  show('b')
  await second
  t.same([looks(), changes()], [3, 1])
  await watch.close()
})

test('lookSoon() makes one look of a burst, not later than its first asked for', async (t) => {
  const { clock, watch, looks } = stage()
  await watch.start()
  watch.lookSoon(50)
  await clock.advance(40)
  watch.lookSoon(50)
  await clock.advance(10)
  await settle()
  t.equal(looks(), 2)
  await clock.advance(50)
  t.equal(looks(), 2)
  await watch.close()
})

test('noteListed() lets the next look tell, although things are by then as they were', async (t) => {
  const { watch, changes } = stage()
  await watch.start()
  watch.noteListed('b, for a moment')
  await watch.lookNow()
  t.equal(changes(), 1)
  await watch.lookNow()
  t.equal(changes(), 1)
  await watch.close()
})

test('noteListed() of what was seen anyway changes nothing', async (t) => {
  const { watch, changes } = stage()
  await watch.start()
  watch.noteListed('a')
  await watch.lookNow()
  t.equal(changes(), 0)
  await watch.close()
})

test('close() forgets all timers and tells nothing more, the look under way included', async (t) => {
  const { clock, watch, changes, looks, show } = stage()
  await watch.start()
  watch.lookSoon(50)
  show('b')
  const looking = watch.lookNow()
  await watch.close()
  await looking
  watch.lookSoon(50)
  await watch.lookNow()
  t.same([clock.timerCount, changes(), looks()], [0, 0, 1])
})

test('close() during a look awaits it and tells nothing of it', async (t) => {
  const { watch, changes, looks, show } = stage()
  await watch.start()
  show('b')
  void watch.lookNow()
  await Promise.resolve()
  await watch.close()
  t.same([looks(), changes()], [2, 0])
})
