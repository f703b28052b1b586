import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { Heartbeat } from './heartbeat.js'

function newHeartbeat(): { clock: FakeClock; heartbeat: Heartbeat; told: string[] } {
  const clock = new FakeClock()
  const told: string[] = []
  const heartbeat = new Heartbeat({
    clock,
    intervalMs: 5_000,
    deadMs: 15_000,
    ask: () => told.push(`ask at ${clock.now()}`),
    dead: () => told.push(`dead at ${clock.now()}`),
  })
  return { clock, heartbeat, told }
}

test('Heartbeat asks in each silent interval and judges once', async (t) => {
  const { clock, told } = newHeartbeat()
  await clock.advance(4_999)
  t.same(told, [])
  await clock.advance(60_000)
  t.same(told, ['ask at 5000', 'ask at 10000', 'dead at 15000'])
  t.equal(clock.timerCount, 0)
})

test('Heartbeat does not ask somebody who was just heard', async (t) => {
  const { clock, heartbeat, told } = newHeartbeat()
  for (let round = 0; round < 20; round += 1) {
    await clock.advance(2_501)
    heartbeat.heard()
  }
  t.same(told, [])
  heartbeat.stop()
})

test('Heartbeat gives a side that was heard the whole time again', async (t) => {
  const { clock, heartbeat, told } = newHeartbeat()
  await clock.advance(14_999)
  heartbeat.heard()
  t.equal(heartbeat.silentMs, 0)
  await clock.advance(14_999)
  t.notOk(told.some((each) => each.startsWith('dead')))
  await clock.advance(5_002)
  t.match(told.at(-1), /^dead at/)
})

test('silentMs is how long nothing has been heard', async (t) => {
  const { clock, heartbeat } = newHeartbeat()
  await clock.advance(700)
  t.equal(heartbeat.silentMs, 700)
  heartbeat.heard()
  await clock.advance(20)
  t.equal(heartbeat.silentMs, 20)
  heartbeat.stop()
})

test('stop() leaves no timer, also from within ask()', async (t) => {
  const { clock, heartbeat } = newHeartbeat()
  heartbeat.stop()
  t.equal(clock.timerCount, 0)
  const asking: Heartbeat = new Heartbeat({
    clock,
    intervalMs: 5_000,
    deadMs: 15_000,
    ask: () => asking.stop(),
    dead: () => t.fail('it was stopped'),
  })
  await clock.advance(5_000)
  t.equal(clock.timerCount, 0)
  await clock.advance(60_000)
})
