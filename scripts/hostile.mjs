// Lets a guest speak the wire badly on purpose in a real virtual machine, and tells what another guest and the host's daemon
// have to bear. Exits with 1 when a budget is missed.
// Usage: pnpm hostile [--minutes N] [--seed N] [--verbose]

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runProgram } from './workspace.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, verbose: { type: 'boolean' } },
})
const minutes = Number(values.minutes ?? 5)
const seed = Number(values.seed ?? randomInt(2 ** 31))
const phaseMs = 3000
const idleMs = 30_000

if (!(minutes > 0) || !Number.isInteger(seed) || seed < 0) {
  console.error('Cannot be hostile: --minutes wants a number above 0, --seed an integer from 0 on')
  process.exitCode = 64
} else if (await runProgram('turbo', ['run', 'build', '--output-logs=errors-only'])) {
  process.exitCode = (await hostility()) ? 0 : 1
} else {
  process.exitCode = 1
}

async function hostility() {
  const { onStage } = await import('../test/dist/hostile/stage.js')
  const { recover, runHostile } = await import('../test/dist/hostile/run-hostile.js')
  const { reportRows, reportTable } = await import('../test/dist/hostile/report.js')
  const say = console.error
  return await onStage(say, async (stage) => {
    const report = await runHostile(stage, { seed, phaseMs, idleMs, hostileMs: minutes * 60_000, say })
    if (values.verbose) say([...report.phases, ...report.logLines, report.status].join('\n'))
    const rows = reportRows(report)
    console.log(`\n${reportTable(rows)}\n\nSeed: ${seed}. Idle is with one core of the hostile machine busy.`)
    const answer = await recover(stage)
    console.log(`The hostile machine with our daemon again: ${answer}`)
    return rows.every(({ isMet }) => isMet !== false) && answer === '[recovered]'
  })
}
