import { test } from 'tap'
import { roundTripsKeptMax } from '../limits.js'
import { RoundTrips } from './round-trips.js'

test('RoundTrips tells nothing before the first trip', (t) => {
  t.same(new RoundTrips().summary, { p50Ms: undefined, p99Ms: undefined, count: 0, sumMs: 0 })
  t.end()
})

test('RoundTrips tells what half of the trips, and 99 of 100, kept within', (t) => {
  const trips = new RoundTrips()
  // Not in order, and with one that took long.
  for (let ms = 100; ms > 1; ms -= 1) trips.add(ms / 100)
  trips.add(5_000)
  t.same(trips.summary, { p50Ms: 0.51, p99Ms: 1, count: 100, sumMs: trips.summary.sumMs })
  t.match(trips.summary.sumMs, 5_050.49)
  t.end()
})

test('RoundTrips forgets old trips, but for the totals', (t) => {
  const trips = new RoundTrips()
  trips.add(9_000)
  for (let count = 0; count < roundTripsKeptMax; count += 1) trips.add(2)
  t.same(trips.summary, {
    p50Ms: 2,
    p99Ms: 2,
    count: roundTripsKeptMax + 1,
    sumMs: 9_000 + 2 * roundTripsKeptMax,
  })
  t.end()
})
