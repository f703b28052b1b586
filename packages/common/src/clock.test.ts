import { getEventListeners } from 'node:events'
import { test } from 'tap'
import { delay, inTime, systemClock } from './clock.js'
import { FakeClock } from './fake-clock.js'

test('systemClock fires a timer after its time, and only once', async (t) => {
  const startMs = systemClock.now()
  await new Promise<void>((resolve) => systemClock.setTimer(5, resolve))
  t.ok(systemClock.now() - startMs >= 4, 'timers of the event loop have whole milliseconds')
})

test('systemClock forgets a timer that was cancelled', async (t) => {
  let isFired = false
  const timer = systemClock.setTimer(1, () => (isFired = true))
  timer.cancel()
  await new Promise<void>((resolve) => systemClock.setTimer(5, resolve))
  t.notOk(isFired)
  timer.cancel()
})

test('systemClock waits longer than a timer of Node can', async (t) => {
  let isFired = false
  const timer = systemClock.setTimer(2 ** 31, () => (isFired = true))
  await new Promise<void>((resolve) => systemClock.setTimer(5, resolve))
  t.notOk(isFired)
  timer.cancel()
})

test('delay() waits its time', async (t) => {
  const clock = new FakeClock()
  let isOver = false
  const waiting = delay(clock, { delayMs: 100 }).then(() => (isOver = true))
  await clock.advance(99)
  t.notOk(isOver)
  await clock.advance(1)
  t.ok(isOver)
  await waiting
})

test('delay() ends early by its signal and leaves nothing behind', async (t) => {
  const clock = new FakeClock()
  const controller = new AbortController()
  const waiting = delay(clock, { delayMs: 100, signal: controller.signal })
  t.equal(clock.timerCount, 1)
  controller.abort()
  await waiting
  t.equal(clock.timerCount, 0)
  t.equal(getEventListeners(controller.signal, 'abort').length, 0)
})

test('delay() does not begin to wait when its signal has fired', async (t) => {
  const clock = new FakeClock()
  await delay(clock, { delayMs: 100, signal: AbortSignal.abort() })
  t.equal(clock.timerCount, 0)
})

test('delay() leaves no listener on a signal that never fires', async (t) => {
  const clock = new FakeClock()
  const { signal } = new AbortController()
  const waiting = delay(clock, { delayMs: 100, signal })
  await clock.advance(100)
  await waiting
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

test('inTime() gives what came in time, and nothing when it is late', async (t) => {
  const clock = new FakeClock()
  const soon = Promise.resolve('soon')
  t.same(await inTime(clock, { promise: soon, timeoutMs: 10 }), { value: 'soon' })
  t.same(await inTime(clock, { promise: soon, timeoutMs: undefined }), { value: 'soon' })
  const failing = Promise.reject(new Error('broken'))
  await t.rejects(inTime(clock, { promise: failing, timeoutMs: 10 }), { message: 'broken' })
  const never = inTime(clock, { promise: new Promise(() => undefined), timeoutMs: 10 })
  await clock.advance(10)
  t.equal(await never, undefined)
})
