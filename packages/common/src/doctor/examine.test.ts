import { test } from 'tap'
import { FakeClock, settle } from '../fake-clock.js'
import { systemClock } from '../clock.js'
import { examine } from './examine.js'
import type { Check } from './examine.js'

const seen: Check<string> = {
  name: 'seen',
  look: async (scene) => await Promise.resolve([{ severity: 'ok', found: `saw ${scene}` }]),
}

test('examine() gives the findings of all checks in their order, each with its name', async (t) => {
  const late: Check<string> = {
    name: 'late',
    look: async () => {
      await settle()
      return [
        { severity: 'ok', found: 'one' },
        { severity: 'ok', found: 'two' },
      ]
    },
  }
  t.same(await examine({ checks: [late, seen], scene: 'it', clock: systemClock }), [
    { check: 'late', severity: 'ok', found: 'one' },
    { check: 'late', severity: 'ok', found: 'two' },
    { check: 'seen', severity: 'ok', found: 'saw it' },
  ])
})

test('examine() makes a finding of a check that fails', async (t) => {
  const broken: Check<string> = {
    name: 'broken',
    look: async () => await Promise.reject(new Error('no /proc')),
  }
  t.match(await examine({ checks: [broken, seen], scene: 'it', clock: systemClock }), [
    {
      check: 'broken',
      severity: 'warning',
      code: 'check-failed',
      found: 'the check "broken" could not be made: no /proc',
    },
    { check: 'seen' },
  ])
})

test('examine() does not wait for a check that hangs', async (t) => {
  const clock = new FakeClock()
  const hanging: Check<string> = { name: 'hanging', look: async () => await new Promise(() => undefined) }
  const examined = examine({ checks: [hanging, seen], scene: 'it', clock })
  await settle()
  await clock.advance(20_000)
  t.match(await examined, [
    { code: 'check-failed', found: 'the check "hanging" could not be made: it took more than 20 seconds' },
    { found: 'saw it' },
  ])
  t.equal(clock.timerCount, 0)
})
