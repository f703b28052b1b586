/**
 * Thousands of calls of all kinds both ways between two daemons as users get them: each ends as it should, and they leave nothing.
 * `pnpm soak --calls` makes as many as wanted, and is stricter about memory.
 */
import { testSeed } from '@negotiator/common/testing'
import { test } from 'tap'
import { runEndurance } from './endurance/run-endurance.js'

const callCount = 3000
/** Young daemons still grow, and what V8 keeps differs: this finds a leak of 10 KiB a call. */
const mibMax = 25

test('thousands of calls leave nothing behind', { timeout: 600_000 }, async (t) => {
  const report = await runEndurance({
    seed: testSeed(t),
    callCount,
    partCount: 3,
    mibMax,
    say: (line) => t.comment(line),
  })
  t.comment(report.countsText)
  t.same(report.faults, [])
})
