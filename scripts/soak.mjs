// Restarts, stops, sets back and moves everything in a real virtual machine, at random, while calls run both ways, and checks that
// each has one result and runs once at most, in time and in its session. Exits with 1 when a promise is broken.
// With --calls it makes so many calls both ways between two daemons of this machine instead, without a virtual machine, and exits
// with 1 when one of them has grown.
// Usage: pnpm soak [--minutes N] [--seed N]
//        pnpm soak --calls N [--seed N]

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runProgram } from './workspace.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, calls: { type: 'string' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes ?? 5)
const calls = values.calls === undefined ? undefined : Number(values.calls)
const seed = Number(values.seed ?? randomInt(2 ** 31))

if (!(minutes > 0) || !Number.isInteger(seed) || seed < 0) {
  console.error('Cannot soak: --minutes wants a number above 0, --seed an integer from 0 on')
  process.exitCode = 64
} else if (
  calls !== undefined &&
  !(Number.isInteger(calls) && calls >= 1000 && values.minutes === undefined)
) {
  console.error('Cannot soak: --calls wants an integer from 1000 on, and no --minutes beside it')
  process.exitCode = 64
} else if (await runProgram('turbo', ['run', 'build', '--output-logs=errors-only'])) {
  process.exitCode = (await (calls === undefined ? soak() : endure())) ? 0 : 1
} else {
  process.exitCode = 1
}

async function soak() {
  const { onSoakStage } = await import('../test/dist/soak/stage.js')
  const { runSoak } = await import('../test/dist/soak/run-soak.js')
  const { isKept, soakFaults, soakTable } = await import('../test/dist/soak/report.js')
  const say = console.error
  say(`seed ${seed}: run again with --seed ${seed}`)
  return await onSoakStage(say, async (stage) => {
    const report = await runSoak(stage, { seed, soakMs: minutes * 60_000, say })
    if (!isKept(report)) console.log(`\nseed ${seed}\n${soakFaults(report, stage.ledger)}`)
    console.log(`\n${soakTable(report, stage.ledger)}`)
    return isKept(report)
  })
}

async function endure() {
  const { runEndurance } = await import('../test/dist/endurance/run-endurance.js')
  console.error(`seed ${seed}: run again with --seed ${seed}`)
  const report = await runEndurance({ seed, callCount: calls, say: console.log })
  console.log(`${report.seconds.toFixed(0)} seconds. Calls: ${report.countsText}`)
  for (const fault of report.faults) console.log(`BROKEN ${fault}`)
  return report.faults.length === 0
}
