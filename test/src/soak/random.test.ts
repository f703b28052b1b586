import { test } from 'tap'
import { Random } from './random.js'

test('Random gives the same numbers for the same seed, and others for another', async (t) => {
  const draw = (seed: number): readonly number[] => {
    const random = new Random(seed)
    return [...random.shuffle([1, 2, 3, 4, 5, 6, 7, 8]), random.between(0, 1e6), random.pick([1, 2, 3])]
  }
  t.same(draw(7), draw(7))
  t.notSame(draw(7), draw(8))
})

test('Random.between() gives both ends and nothing beyond', async (t) => {
  const random = new Random(1)
  const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 5)))
  t.same(
    [...seen].toSorted((one, other) => one - other),
    [3, 4, 5],
  )
})

test('Random.pick() refuses to pick one of nothing', async (t) => {
  t.throws(() => new Random(1).pick([]), { message: 'Cannot pick one of nothing' })
})
