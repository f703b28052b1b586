import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import { fly } from './measure-flights.js'

test('fly() makes so many calls, never more at once than are wanted, and counts the right answers', async (t) => {
  let inFlight = 0
  const seen: number[] = []
  const call = async (number: number): Promise<boolean> => {
    inFlight += 1
    seen.push(inFlight)
    await turn()
    inFlight -= 1
    return number !== 7
  }
  const { times, answered, perS } = await fly({ call, inFlight: 3, count: 20 })
  t.equal(times.length, 20)
  t.equal(answered, 19)
  t.equal(Math.max(...seen), 3)
  t.ok(perS > 0)
})

test('fly() makes no more calls than there are, however many may be in flight', async (t) => {
  const { times } = await fly({ call: async () => await Promise.resolve(true), inFlight: 100, count: 2 })
  t.equal(times.length, 2)
})
