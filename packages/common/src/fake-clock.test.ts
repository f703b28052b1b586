import { test } from 'tap'
import { FakeClock } from './fake-clock.js'

test('FakeClock stands still until it is advanced', async (t) => {
  const clock = new FakeClock()
  t.equal(clock.now(), 0)
  await clock.advance(1_500)
  t.equal(clock.now(), 1_500)
})

test('FakeClock fires timers in the order of their time, at their time', async (t) => {
  const clock = new FakeClock()
  const fired: string[] = []
  for (const delayMs of [30, 10, 20])
    clock.setTimer(delayMs, () => fired.push(`${delayMs} at ${clock.now()}`))
  await clock.advance(25)
  t.same(fired, ['10 at 10', '20 at 20'])
  t.equal(clock.timerCount, 1)
  await clock.advance(5)
  t.same(fired, ['10 at 10', '20 at 20', '30 at 30'])
  t.equal(clock.timerCount, 0)
})

test('FakeClock fires timers that other timers set on the way', async (t) => {
  const clock = new FakeClock()
  const firedMs: number[] = []
  const again = (): void => {
    firedMs.push(clock.now())
    clock.setTimer(10, again)
  }
  clock.setTimer(10, again)
  await clock.advance(35)
  t.same(firedMs, [10, 20, 30])
  t.equal(clock.timerCount, 1)
})

test('FakeClock forgets a timer that was cancelled, be it by another timer', async (t) => {
  const clock = new FakeClock()
  let isFired = false
  const cancelled = clock.setTimer(20, () => (isFired = true))
  clock.setTimer(10, () => cancelled.cancel())
  await clock.advance(100)
  t.notOk(isFired)
  t.equal(clock.timerCount, 0)
})

test('FakeClock lets promises settle between two timers', async (t) => {
  const clock = new FakeClock()
  const order: string[] = []
  clock.setTimer(10, () => void Promise.resolve().then(() => order.push('promise')))
  clock.setTimer(20, () => order.push('timer'))
  await clock.advance(20)
  t.same(order, ['promise', 'timer'])
})
