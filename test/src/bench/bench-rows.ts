/**
 * What the table of `pnpm bench` says: its rows, with the goals that the design gives them.
 */
import type { Figures, Sizes } from './figures.js'
import type { Row } from './row.js'

/** The rows of the bench. */
export function benchRows({ bulkBytes, fewCalls, manyCalls }: Sizes): readonly Row[] {
  const bulk = `${bulkBytes / (1024 * 1024)} MiB`
  return [
    ...roundTripRows,
    ...runRows,
    ...bulkRows(bulk),
    ...besideRows(bulk),
    ...callRows([fewCalls, manyCalls]),
    ...costRows,
  ]
}

const rawEcho = 'raw echo p50'
const idlePing = 'the p50 of a ping alone, for the p95'

const roundTripRows: readonly Row[] = [
  {
    title: 'raw echo of 64 B: p50, p95, p99',
    unit: 'ms',
    figures: ['rawEchoP50', 'rawEchoP95', 'rawEchoP99'],
  },
  {
    title: 'ping between the daemons: p50, p95, p99',
    unit: 'ms',
    figures: ['pingP50', 'pingP95', 'pingP99'],
    ratios: [{ to: rawEcho, of: (round) => round.pingP50 / round.rawEchoP50 }],
    goal: { kind: 'ratio', atMost: 2.5 },
  },
  {
    title: 'ping of a program, through the library: p50, p95, p99',
    unit: 'ms',
    figures: ['clientPingP50', 'clientPingP95', 'clientPingP99'],
    ratios: [{ to: rawEcho, of: (round) => round.clientPingP50 / round.rawEchoP50 }],
  },
  {
    title: '`negotiator-host ping`, the whole process: p50',
    unit: 'ms',
    figures: ['cliPingP50'],
    ratios: [{ to: 'start of `node` with nothing', of: (round) => round.cliPingP50 / round.nodeStartP50 }],
  },
]

const runRows: readonly Row[] = [
  {
    title: 'two-line script by `posix_spawn` and `waitpid` in the guest: p50, p95',
    unit: 'ms',
    figures: ['rawSpawnP50', 'rawSpawnP95'],
  },
  {
    title: 'the same script run through the library: p50, p95',
    unit: 'ms',
    figures: ['runP50', 'runP95'],
    ratios: [{ to: 'spawn p50 + raw echo p50', of: (round) => round.runP50 / spawnFloor(round) }],
    goal: { kind: 'ratio', atMost: 1.3 },
  },
  {
    title: '`negotiator-host run` of it, the whole process: p50',
    unit: 'ms',
    figures: ['cliRunP50'],
    ratios: [{ to: 'spawn p50 + raw echo p50', of: (round) => round.cliRunP50 / spawnFloor(round) }],
  },
]

function spawnFloor(round: Figures): number {
  return round.rawSpawnP50 + round.rawEchoP50
}

const bulkRows = (bulk: string): readonly Row[] => [
  { title: `raw echo of ${bulk}`, unit: 'MiB/s each way', figures: ['rawEchoMibS'] },
  { title: `raw source, guest to host, ${bulk}`, unit: 'MiB/s', figures: ['rawSourceMibS'] },
  {
    title: `output of a command, copied to the raw port in C, ${bulk}`,
    unit: 'MiB/s',
    figures: ['rawOutputMibS'],
  },
  {
    title: `output of the same command, called through the library, ${bulk}`,
    unit: 'MiB/s',
    figures: ['outputMibS'],
    ratios: [
      { to: 'raw echo', of: (round) => round.outputMibS / round.rawEchoMibS },
      { to: 'raw source', of: (round) => round.outputMibS / round.rawSourceMibS },
      { to: 'by C', of: (round) => round.outputMibS / round.rawOutputMibS },
    ],
    goal: { kind: 'ratio', atLeast: 0.7 },
  },
  { title: `raw sink, host to guest, ${bulk}`, unit: 'MiB/s', figures: ['rawSinkMibS'] },
  {
    title: `input of a command, copied from the raw port in C, ${bulk}`,
    unit: 'MiB/s',
    figures: ['rawInputMibS'],
  },
  {
    title: `input of the same command, called through the library, ${bulk}`,
    unit: 'MiB/s',
    figures: ['inputMibS'],
    ratios: [
      { to: 'raw echo', of: (round) => round.inputMibS / round.rawEchoMibS },
      { to: 'raw sink', of: (round) => round.inputMibS / round.rawSinkMibS },
      { to: 'by C', of: (round) => round.inputMibS / round.rawInputMibS },
    ],
    goal: { kind: 'ratio', atLeast: 0.7 },
  },
]

const besideRows = (bulk: string): readonly Row[] => [
  {
    title: `ping of a program beside ${bulk} of output: p50, p95`,
    unit: 'ms',
    figures: ['besideOutputP50', 'besideOutputP95'],
    ratios: [{ to: idlePing, of: (round) => round.besideOutputP95 / round.clientPingP50 }],
    goal: { kind: 'ratio', atMost: 5 },
  },
  {
    title: `ping of a program beside ${bulk} of input: p50, p95`,
    unit: 'ms',
    figures: ['besideInputP50', 'besideInputP95'],
    ratios: [{ to: idlePing, of: (round) => round.besideInputP95 / round.clientPingP50 }],
    goal: { kind: 'ratio', atMost: 5 },
  },
]

const callRows = ([few, many]: readonly [number, number]): readonly Row[] => [
  { title: `${few} runs of the script at once, until all are answered`, unit: 'ms', figures: ['fewCallsMs'] },
  {
    title: '... answered',
    unit: 'calls',
    figures: ['fewCallsAnswered'],
    goal: { kind: 'figure', atLeast: few },
  },
  {
    title: `${many} runs of the script at once, until all are answered`,
    unit: 'ms',
    figures: ['manyCallsMs'],
  },
  {
    title: '... answered',
    unit: 'calls',
    figures: ['manyCallsAnswered'],
    goal: { kind: 'figure', atLeast: many },
  },
]

const costRows: readonly Row[] = [
  { title: 'start of `node` with nothing: p50', unit: 'ms', figures: ['nodeStartP50'] },
  {
    title: 'start of `negotiator-host --help`: p50',
    unit: 'ms',
    figures: ['programStartP50'],
    ratios: [
      { to: 'start of `node` with nothing', of: (round) => round.programStartP50 / round.nodeStartP50 },
    ],
    goal: { kind: 'figure', atMost: 150 },
  },
  {
    title: "memory of the guest's daemon: before, after all this",
    unit: 'MiB RSS',
    figures: ['guestIdleMib', 'guestAfterMib'],
    goal: { kind: 'figure', atMost: 60 },
  },
  {
    title: "memory of the host's daemon: before, after all this",
    unit: 'MiB RSS',
    figures: ['hostIdleMib', 'hostAfterMib'],
    goal: { kind: 'figure', atMost: 80.5 },
  },
  {
    title: 'wake-ups without calls, heartbeats included: guest, host',
    unit: 'a second',
    figures: ['guestWakeUpsPerS', 'hostWakeUpsPerS'],
  },
]
