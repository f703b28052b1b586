/**
 * A short soak: daemons are killed, and the machine is set back to a snapshot, while calls run both ways. Each call
 * has one result, none is executed twice, late, or in a session that it was not made in, and nothing is left. `pnpm soak` does
 * the same for as long as wanted, with more that happens.
 */
import { testSeed } from '@negotiator/common/testing'
import { test } from 'tap'
import { soakFaults, soakTable } from './soak/report.js'
import { runSoak } from './soak/run-soak.js'
import { onSoakStage } from './soak/stage.js'

const names = ['kill-host-daemon', 'kill-guest-daemon', 'set-back']
const longestMs = 2500

test('a soak', { timeout: 600_000 }, async (t) => {
  const seed = testSeed(t)
  await onSoakStage(
    (line) => t.comment(line),
    async (stage) => {
      // Nothing after each event has happened once.
      const report = await runSoak(stage, {
        seed,
        soakMs: 0,
        longestMs,
        names,
        say: (line) => t.comment(line),
      })
      t.comment(soakTable(report, stage.ledger))
      for (const { title, figures, broken } of report.checks) t.same(broken, [], `${title}: ${figures}`)
      if (!t.passing()) t.comment(soakFaults(report, stage.ledger), stage.host.log, stage.machine.vm.log.text)
      t.same([...report.eventCounts.keys()].toSorted(), names.toSorted(), 'each event happened')
    },
  )
})
