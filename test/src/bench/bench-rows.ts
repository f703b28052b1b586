/**
 * What the table of `pnpm bench` says: its rows, with the goals that the design gives them. Pure.
 */
import { bulkRows } from './bulk-rows.js'
import { costRows, fleetRows } from './cost-rows.js'
import { flownCalls, levels } from './figures.js'
import type { Figures, Flown, Sizes } from './figures.js'
import type { Row } from './row.js'

/** The rows of the bench. */
export function benchRows(sizes: Sizes): readonly Row[] {
  return [
    ...roundTripRows,
    ...runRows,
    ...bulkRows(`${sizes.bulkBytes / (1024 * 1024)} MiB`),
    ...flightRows('modules', sizes),
    ...flightRows('scripts', sizes),
    answeredRow(sizes),
    ...costRows,
    ...fleetRows(sizes),
  ]
}

const rawEcho = 'raw echo p50'
const spreads = 'p50, p95, p99'

const roundTripRows: readonly Row[] = [
  {
    title: `raw echo of 64 B: ${spreads}`,
    unit: 'ms',
    figures: ['rawEchoP50', 'rawEchoP95', 'rawEchoP99'],
  },
  {
    title: `qemu-ga, \`guest-ping\`: ${spreads}`,
    unit: 'ms',
    figures: ['qemuGaPingP50', 'qemuGaPingP95', 'qemuGaPingP99'],
    ratios: [{ to: rawEcho, of: (round) => round.qemuGaPingP50 / round.rawEchoP50 }],
  },
  {
    title: `ping between the daemons: ${spreads}`,
    unit: 'ms',
    figures: ['pingP50', 'pingP95', 'pingP99'],
    ratios: [
      { to: rawEcho, of: (round) => round.pingP50 / round.rawEchoP50, goal: { atMost: 2.5 } },
      { to: '`guest-ping` p50', of: (round) => round.pingP50 / round.qemuGaPingP50, goal: { atMost: 1 } },
    ],
  },
  {
    title: `ping of a program, through the library: ${spreads}`,
    unit: 'ms',
    figures: ['clientPingP50', 'clientPingP95', 'clientPingP99'],
    ratios: [
      { to: rawEcho, of: (round) => round.clientPingP50 / round.rawEchoP50 },
      { to: '`guest-ping` p50', of: (round) => round.clientPingP50 / round.qemuGaPingP50 },
    ],
  },
  {
    title: `\`negotiator-host ping\`, the whole process: ${spreads}`,
    unit: 'ms',
    figures: ['cliPingP50', 'cliPingP95', 'cliPingP99'],
    ratios: [{ to: 'start of `node` with nothing', of: (round) => round.cliPingP50 / round.nodeStartP50 }],
  },
]

const spawn = 'spawn p50 + raw echo p50'

const runRows: readonly Row[] = [
  {
    title: `two-line script by \`posix_spawn\` and \`waitpid\` in the guest: ${spreads}`,
    unit: 'ms',
    figures: ['rawSpawnP50', 'rawSpawnP95', 'rawSpawnP99'],
  },
  {
    title: `the same script by qemu-ga, \`guest-exec\` and its status asked for at once until it has ended: ${spreads}`,
    unit: 'ms',
    figures: ['qemuGaExecP50', 'qemuGaExecP95', 'qemuGaExecP99'],
    ratios: [{ to: spawn, of: (round) => round.qemuGaExecP50 / spawnFloor(round) }],
  },
  {
    title: `the same script run through the library: ${spreads}`,
    unit: 'ms',
    figures: ['runP50', 'runP95', 'runP99'],
    ratios: [
      { to: spawn, of: (round) => round.runP50 / spawnFloor(round), goal: { atMost: 1.3 } },
      { to: '`guest-exec` p50', of: (round) => round.runP50 / round.qemuGaExecP50 },
    ],
  },
  {
    title: `\`negotiator-host run\` of it, the whole process: ${spreads}`,
    unit: 'ms',
    figures: ['cliRunP50', 'cliRunP95', 'cliRunP99'],
    ratios: [{ to: spawn, of: (round) => round.cliRunP50 / spawnFloor(round) }],
  },
  {
    title: `a module, \`echo-fast\`, called through the library: ${spreads}`,
    unit: 'ms',
    figures: ['moduleP50', 'moduleP95', 'moduleP99'],
    ratios: [
      { to: 'the script p50', of: (round) => round.moduleP50 / round.runP50 },
      { to: '`guest-ping` p50', of: (round) => round.moduleP50 / round.qemuGaPingP50 },
    ],
  },
]

function spawnFloor(round: Figures): number {
  return round.rawSpawnP50 + round.rawEchoP50
}

function flightRows(flown: Flown, { flights }: Sizes): readonly Row[] {
  return levels.flatMap((level): readonly Row[] => {
    const name = `${flown}${level}` as const
    const { inFlight, calls } = flights[level]
    const title = `${calls[flown]} calls of ${wordsOf[flown]}, ${inFlight} in flight`
    return [
      { title: `${title}: ${spreads}`, unit: 'ms', figures: [`${name}P50`, `${name}P95`, `${name}P99`] },
      { title: `... answered`, unit: 'calls a second', figures: [`${name}PerS`] },
    ]
  })
}

const wordsOf: Readonly<Record<Flown, string>> = { modules: 'the module', scripts: 'the script' }

function answeredRow(sizes: Sizes): Row {
  const calls = flownCalls(sizes)
  return {
    title: `of these ${calls} calls, answered rightly`,
    unit: 'calls',
    figures: ['callsAnswered'],
    goal: { of: 'callsAnswered', atLeast: calls },
  }
}
