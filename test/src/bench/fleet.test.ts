import { test } from 'tap'
import { measureFleet } from './fleet.js'

test('measureFleet() has a daemon with guests that answer, and sees what their calls cost it', async (t) => {
  const { restMib, loadMib, rest, load } = await measureFleet({ guestCount: 3, seconds: 1 })
  t.ok(restMib > 10 && loadMib > 10, 'a daemon is there')
  t.ok(load.cpuMsPerS > rest.cpuMsPerS, 'a hundred calls are more than none')
})

test('measureFleet() without a guest makes no calls', async (t) => {
  const { rest } = await measureFleet({ guestCount: 0, seconds: 1 })
  t.ok(rest.wakeUpsPerS >= 0)
})
