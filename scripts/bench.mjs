// Builds what is missing and measures Negotiator in a real virtual machine, beside what that machine can do without it.
// Usage: pnpm bench [--rounds N] [--quick] [--json FILE] [--svg FILE]
//        pnpm bench --port-io [--quick] [--json FILE]
//        pnpm bench --profile [--quick] [--json FILE]

import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { runProgram } from './workspace.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean' },
    json: { type: 'string' },
    svg: { type: 'string' },
    'port-io': { type: 'boolean' },
    profile: { type: 'boolean' },
  },
})
const isQuick = values.quick === true
const roundCount = Number(values.rounds ?? (isQuick ? 1 : 5))

// Node reads the file of this variable at each start, which a bench of short programs would measure.
delete process.env.NODE_EXTRA_CA_CERTS
if (!Number.isInteger(roundCount) || roundCount < 1) {
  console.error(`Cannot run the bench: --rounds ${values.rounds} is no number above 0`)
  process.exitCode = 64
} else if (await runProgram('turbo', ['run', 'build', '--output-logs=errors-only'])) {
  try {
    const result = await wantedBench()
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
} else {
  process.exitCode = 1
}

function wantedBench() {
  if (values['port-io'] === true) return benchPortIo()
  return values.profile === true ? profile() : bench()
}

async function bench() {
  const { runBench } = await import('../test/dist/bench/bench.js')
  const { benchTable } = await import('../test/dist/bench/table.js')
  const { benchPlot } = await import('../test/dist/bench/plot.js')
  const result = await runBench({ roundCount, isQuick, say: console.error })
  if (values.svg !== undefined) writeFileSync(values.svg, benchPlot(result.rows))
  const { rawRemark, rows } = result
  console.log(
    `\n${benchTable(rows)}\n\nRounds: ${roundCount}. Behind the raw port: ${rawRemark}. ${machine()}`,
  )
  return result
}

/** A reader must know what the figures were had on, and whether it had nothing else to do. */
function machine() {
  const [{ model } = { model: 'unknown' }] = cpus()
  const load = loadavg()[1]?.toFixed(1)
  return `Node ${process.version}, ${cpus().length} processors (${model}), load of the last five minutes ${load}.`
}

async function benchPortIo() {
  const { runPortIoBench } = await import('../test/dist/bench/port-io/port-io.js')
  const { portIoTable } = await import('../test/dist/bench/port-io/port-io.js')
  const result = await runPortIoBench({ roundCount, isQuick, say: console.error })
  console.log(`\n${portIoTable(result)}\n\nRounds: ${roundCount}.`)
  return result
}

async function profile() {
  const { profileTables, runProfile } = await import('../test/dist/bench/profile/profile.js')
  const result = await runProfile({ isQuick, say: console.error })
  console.log(`\n${profileTables(result)}`)
  return result
}
