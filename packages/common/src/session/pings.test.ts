import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { pingsTimedMax } from '../limits.js'
import { Pings } from './pings.js'

/** A session's pings, and the trips that they tell of. */
function testPings(): { clock: FakeClock; pings: Pings; trips: number[] } {
  const clock = new FakeClock()
  const trips: number[] = []
  return { clock, trips, pings: new Pings({ clock, onTrip: (roundTripMs) => void trips.push(roundTripMs) }) }
}

test('Pings measures trips for which nobody waits', async (t) => {
  const { clock, pings, trips } = testPings()
  const token = pings.next()
  await clock.advance(20)
  pings.answered(token)
  pings.answered(token)
  pings.answered(token + 1)
  t.same(trips, [20], 'each once, and no PONG that was not asked for')
})

test('trip() is told as well as measured', async (t) => {
  const { clock, pings, trips } = testPings()
  const token = pings.next()
  const trip = pings.trip(token)
  await clock.advance(7)
  pings.answered(token)
  t.same([await trip, trips], [7, [7]])
})

test('Pings keeps the trips of a bounded number of unanswered PINGs, and those that are waited for', async (t) => {
  const { pings, trips } = testPings()
  const first = pings.next()
  const trip = pings.trip(first)
  for (let count = 0; count < pingsTimedMax; count += 1) pings.next()
  pings.answered(first)
  t.same([await trip, trips], [0, []])
  pings.answered(first + 1)
  t.same(trips, [0])
})

test('close() ends those who wait with nothing', async (t) => {
  const { pings, trips } = testPings()
  const token = pings.next()
  const trip = pings.trip(token)
  pings.close()
  pings.answered(token)
  t.same([await trip, trips], [undefined, []])
})
