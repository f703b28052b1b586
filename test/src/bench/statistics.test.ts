import { test } from 'tap'
import { median, percentile, spreadOf } from './statistics.js'

test('percentile() gives the smallest value that so many are at most, whatever their order', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  t.equal(percentile(hundred, 0.5), 50)
  t.equal(percentile(hundred, 0.95), 95)
  t.equal(percentile(hundred, 1), 100)
  t.equal(percentile([7], 0.01), 7)
  t.end()
})

test('median() gives a value that was there, the lower of two in the middle', (t) => {
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 3, 2]), 2)
  t.end()
})

test('median() of nothing is not a number', (t) => {
  t.ok(Number.isNaN(median([])))
  t.end()
})

test('spreadOf() names what it gives', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  t.strictSame(spreadOf('ping', hundred), { pingP50: 50, pingP95: 95, pingP99: 99 })
  t.strictSame(spreadOf('ping', [1, 2, 3]), { pingP50: 2, pingP95: 3, pingP99: 3 })
  t.end()
})
