import { test } from 'tap'
import { FakeClock } from '../fake-clock.js'
import { Paced } from './paced.js'

function paced(): { clock: FakeClock; asked: Paced; doneCount: () => number } {
  const clock = new FakeClock()
  let doneCount = 0
  const asked = new Paced({ clock, intervalMs: 100, action: () => (doneCount += 1) })
  return { clock, asked, doneCount: () => doneCount }
}

test('ask() does it at once, and again at once when nobody has asked for long', async (t) => {
  const { clock, asked, doneCount } = paced()
  asked.ask()
  t.equal(doneCount(), 1)
  await clock.advance(100)
  t.same([doneCount(), clock.timerCount], [1, 0])
  asked.ask()
  t.equal(doneCount(), 2)
})

test('ask() puts what is asked too soon together, and forgets none of it', async (t) => {
  const { clock, asked, doneCount } = paced()
  for (let nth = 0; nth < 1_000; nth += 1) asked.ask()
  t.equal(doneCount(), 1)
  await clock.advance(100)
  t.equal(doneCount(), 2)
  await clock.advance(1_000)
  t.same([doneCount(), clock.timerCount], [2, 0])
})
