import { test } from 'tap'
import { holdingsChecks } from './holdings.js'
import type { Holdings, HoldingsOfBoth } from './holdings.js'

const holdings: Holdings = { descriptors: 24, children: 0, mib: 55, wakeUps: 10, commands: 0 }
const before: HoldingsOfBoth = { host: holdings, guest: holdings }

function faults(guest: Partial<Holdings>): readonly (readonly string[])[] {
  const after = { host: holdings, guest: { ...holdings, ...guest } }
  return holdingsChecks(before, after).map(({ broken }) => broken)
}

test('holdingsChecks() has nothing against daemons that hold what they held, or less', async (t) => {
  t.same(faults({ descriptors: 20, mib: 60, wakeUps: 20 }), [[], []])
})

test('holdingsChecks() tells what is left, and on which side', async (t) => {
  t.same(faults({ descriptors: 26 }), [[], ['descriptors: 2 more than there may be']])
  t.same(faults({ children: 1, commands: 3 }), [
    [],
    ['children: 1 more than there may be', 'commands: 3 more than there may be'],
  ])
  t.same(faults({ wakeUps: 370 }), [[], ['wakeUps: 260 more than there may be']])
  t.same(faults({ mib: 90 }), [[], ['mib: 19 more than there may be']])
})

test('holdingsChecks() finds a daemon that could not be looked at', async (t) => {
  t.same(faults({ descriptors: Number.NaN }), [[], ['descriptors: NaN more than there may be']])
})
