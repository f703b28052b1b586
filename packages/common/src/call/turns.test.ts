import { test } from 'tap'
import { FakeClock, settle } from '../fake-clock.js'
import { callsWaitingBytesMax, callsWaitingMax, turnPatienceMs } from '../limits.js'
import { Turns } from './turns.js'
import type { Waited } from './turns.js'

const usual = { requestBytes: 1, countMax: 10_000 }

type Place = Omit<Parameters<Turns['enter']>[0], 'settle'>

/** Waits in line for what becomes of it. */
async function next(turns: Turns, place: Place): Promise<Waited> {
  return await new Promise((resolve) => turns.enter({ ...place, settle: resolve }))
}

test('enter() goes round the callers, so that who has a hundred waiting delays nobody', async (t) => {
  const turns = new Turns(new FakeClock())
  const order: string[] = []
  const start = async (key: string): Promise<void> => {
    await next(turns, { ...usual, key })
    order.push(key)
  }
  const all = [...Array.from({ length: 100 }, () => 'busy'), 'one', 'two'].map(start)
  await Promise.all(all)
  t.ok(order.indexOf('one') <= 3 && order.indexOf('two') <= 3, order.slice(0, 5).join(' '))
  t.equal(order.length, 102)
})

test('enter() holds a caller to its rate, and no other', async (t) => {
  const clock = new FakeClock()
  const turns = new Turns(clock)
  const rate = { count: 2, periodMs: 1000 }
  const order: string[] = []
  const start = async (key: string): Promise<void> => {
    await next(turns, { ...usual, key, rate: key === 'slow' ? rate : undefined })
    order.push(key)
  }
  const all = ['slow', 'slow', 'slow', 'slow', 'free', 'free', 'free'].map(start)
  await Promise.all(all.slice(4))
  await settle()
  t.same(order.filter((key) => key === 'slow').length, 2)
  await clock.advance(500)
  await all[2]
  await settle()
  t.same(order.filter((key) => key === 'slow').length, 3)
  await clock.advance(500)
  await Promise.all(all)
  t.equal(order.length, 7)
})

test('enter() remembers a caller only for as long as its rate counts', async (t) => {
  const clock = new FakeClock()
  const turns = new Turns(clock)
  const rate = { count: 1, periodMs: 1000 }
  await next(turns, { ...usual, key: 'a', rate })
  const second = next(turns, { ...usual, key: 'a', rate })
  await settle()
  await clock.advance(1000)
  await second
  for (const key of ['a', 'a']) turns.over(key)
  await clock.advance(1000)
  await next(turns, { ...usual, key: 'b', rate })
  t.equal(turns.callerCount, 1, 'a is owed its whole rate again, and so forgotten')
})

test('enter() lets no more than so many of one caller wait, and others all the same', async (t) => {
  const turns = new Turns(new FakeClock())
  const rate = { count: 1, periodMs: 1_000_000 }
  await next(turns, { ...usual, key: 'flood', rate })
  for (let call = 0; call < callsWaitingMax; call += 1) void next(turns, { ...usual, key: 'flood', rate })
  t.equal(await next(turns, { ...usual, key: 'flood', rate }), 'full')
  t.equal(await next(turns, { ...usual, key: 'other', rate }), 'turn')
})

test('enter() keeps nothing of calls whose callers have left, and remembers no more of them than the rate allows', async (t) => {
  const turns = new Turns(new FakeClock())
  const rate = { count: 2, periodMs: 1_000_000 }
  const waited: Waited[] = []
  const place = { ...usual, key: 'flood', rate, settle: (what: Waited) => void waited.push(what) }
  const leaves = Array.from({ length: callsWaitingMax }, () => turns.enter(place))
  for (const leave of [...leaves, ...leaves]) leave()
  t.equal(waited.filter((what) => what === 'turn').length, 2)
  t.equal(waited.filter((what) => what === 'left').length, callsWaitingMax - 2)
  turns.enter(place)
  t.equal(waited.length, callsWaitingMax, 'there is room again')
})

test('enter() holds no more of what one caller asks for than its bound, and the next call when it is less', async (t) => {
  const clock = new FakeClock()
  const turns = new Turns(clock)
  const rate = { count: 1, periodMs: 1000 }
  const ask = async (requestBytes: number): Promise<Waited> =>
    await next(turns, { key: 'flood', rate, countMax: 10, requestBytes })
  await ask(1)
  const waiting = ask(callsWaitingBytesMax)
  t.equal(await ask(1), 'full')
  await clock.advance(1000)
  t.equal(await waiting, 'turn')
  const large = ask(2 * callsWaitingBytesMax)
  await clock.advance(1000)
  t.equal(await large, 'turn', 'a call that is too large for all of it waits when it is alone')
})

test('enter() has so many calls of one caller under way, and the next goes when one is over', async (t) => {
  const turns = new Turns(new FakeClock())
  const order: string[] = []
  const start = async (name: string): Promise<void> => {
    await next(turns, { ...usual, countMax: 2, key: name[0] ?? '' })
    order.push(name)
  }
  const all = ['a1', 'a2', 'a3', 'a4', 'b1'].map(start)
  await all[4]
  await settle()
  t.same(order, ['a1', 'b1', 'a2'])
  turns.over('a')
  await all[2]
  turns.over('a')
  await Promise.all(all)
  t.same(order.slice(3), ['a3', 'a4'])
  for (const key of ['a', 'a', 'b']) turns.over(key)
  await next(turns, { ...usual, key: 'c' })
  t.equal(turns.callerCount, 1, 'whose calls are over is forgotten')
})

test('enter() lets no call wait for ever behind others that do not end', async (t) => {
  const clock = new FakeClock()
  const turns = new Turns(clock)
  const ask = async (): Promise<Waited> => await next(turns, { ...usual, countMax: 1, key: 'a' })
  t.equal(await ask(), 'turn')
  const late = ask()
  await clock.advance(1000)
  const later = ask()
  await clock.advance(turnPatienceMs - 1000)
  t.equal(await late, 'late')
  let isSettled = false
  void later.then(() => (isSettled = true))
  await clock.advance(999)
  t.notOk(isSettled, 'each has the same patience')
  await clock.advance(1)
  t.equal(await later, 'late')
  const following = ask()
  await clock.advance(turnPatienceMs - 1)
  turns.over('a')
  t.equal(await following, 'turn')
  t.equal(clock.timerCount, 0)
})

test('enter() gives a turn in the end to whoever waits for the rate alone', async (t) => {
  const clock = new FakeClock()
  const turns = new Turns(clock)
  const place = { ...usual, key: 'a', rate: { count: 1, periodMs: 3 * turnPatienceMs } }
  t.equal(await next(turns, place), 'turn')
  const waiting = next(turns, place)
  await clock.advance(3 * turnPatienceMs)
  t.equal(await waiting, 'turn')
  t.equal(clock.timerCount, 0)
})

test('lineOf() tells how many calls of a caller wait, and whether the next is answered busy', async (t) => {
  const turns = new Turns(new FakeClock())
  const enter = (): void =>
    void turns.enter({ key: 'one', requestBytes: 1, countMax: 0, settle: () => undefined })
  t.same(turns.lineOf('one'), { callCount: 0, isFull: false })
  for (let count = 1; count < callsWaitingMax; count += 1) enter()
  t.same(turns.lineOf('one'), { callCount: callsWaitingMax - 1, isFull: false })
  enter()
  t.same(turns.lineOf('one'), { callCount: callsWaitingMax, isFull: true })
  turns.enter({ key: 'long', requestBytes: callsWaitingBytesMax, countMax: 0, settle: () => undefined })
  t.same(
    [turns.lineOf('long'), turns.lineOf('other')],
    [
      { callCount: 1, isFull: true },
      { callCount: 0, isFull: false },
    ],
  )
  await settle()
})
