import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { TokenBucket } from './token-bucket.js'

test('take() gives a period its count, and no more', async (t) => {
  const clock = new FakeClock()
  const bucket = new TokenBucket({ count: 3, periodMs: 1000 }, clock)
  t.same(
    [1, 2, 3, 4].map(() => bucket.take()),
    [true, true, true, false],
  )
  t.equal(Math.ceil(bucket.waitMs), 334)
  await clock.advance(334)
  t.same([bucket.take(), bucket.take()], [true, false])
})

test('take() saves nothing beyond one period', async (t) => {
  const clock = new FakeClock()
  const bucket = new TokenBucket({ count: 2, periodMs: 1000 }, clock)
  bucket.take()
  t.notOk(bucket.isFull)
  await clock.advance(3_600_000)
  t.ok(bucket.isFull)
  t.equal(bucket.waitMs, 0)
  t.same(
    [1, 2, 3].map(() => bucket.take()),
    [true, true, false],
  )
})
