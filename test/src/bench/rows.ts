/**
 * What the table says: each row with its figures, what it is compared with, and the goal of the budget.
 */
import type { Figures, Sizes } from './figures.js'
import { median } from './statistics.js'

/** A limit on a row's ratio, or on its last figure where it has none. */
export type Goal =
  | { readonly kind: 'ratio' | 'figure'; readonly atMost: number }
  | { readonly kind: 'ratio' | 'figure'; readonly atLeast: number }

/** One line of the table. */
export interface Row {
  readonly title: string
  readonly unit: string
  readonly figures: readonly (keyof Figures)[]
  /** `of` is taken in each round on its own, for both sides of a ratio must be of one time. */
  readonly ratio?: { readonly to: string; readonly of: (round: Figures) => number }
  readonly goal?: Goal
}

/** A row with its numbers: the medians of all rounds. */
export interface MeasuredRow {
  readonly title: string
  readonly unit: string
  readonly figures: readonly number[]
  /** The smallest and the largest that any round had of the first figure. */
  readonly range: readonly [number, number]
  readonly ratio?: { readonly to: string; readonly value: number }
  readonly goal?: Goal & { readonly isMet: boolean }
}

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
const clientPing = 'its p50 without the bulk (p95)'

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
    ratio: { to: rawEcho, of: (round) => round.pingP50 / round.rawEchoP50 },
    goal: { kind: 'ratio', atMost: 2.5 },
  },
  {
    title: 'ping of a program, through the library: p50, p95, p99',
    unit: 'ms',
    figures: ['clientPingP50', 'clientPingP95', 'clientPingP99'],
    ratio: { to: rawEcho, of: (round) => round.clientPingP50 / round.rawEchoP50 },
  },
  {
    title: '`negotiator-host ping`, the whole process: p50',
    unit: 'ms',
    figures: ['cliPingP50'],
    ratio: { to: 'start of `node` with nothing', of: (round) => round.cliPingP50 / round.nodeStartP50 },
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
    ratio: { to: 'spawn p50 + raw echo p50', of: (round) => round.runP50 / spawnFloor(round) },
    goal: { kind: 'ratio', atMost: 1.3 },
  },
  {
    title: '`negotiator-host run` of it, the whole process: p50',
    unit: 'ms',
    figures: ['cliRunP50'],
    ratio: { to: 'spawn p50 + raw echo p50', of: (round) => round.cliRunP50 / spawnFloor(round) },
  },
]

function spawnFloor(round: Figures): number {
  return round.rawSpawnP50 + round.rawEchoP50
}

const bulkRows = (bulk: string): readonly Row[] => [
  { title: `raw echo of ${bulk}`, unit: 'MiB/s each way', figures: ['rawEchoMibS'] },
  { title: `raw source, guest to host, ${bulk}`, unit: 'MiB/s', figures: ['rawSourceMibS'] },
  {
    title: `output of a command in the guest, ${bulk}`,
    unit: 'MiB/s',
    figures: ['bulkFromGuestMibS'],
    ratio: { to: 'raw source', of: (round) => round.bulkFromGuestMibS / round.rawSourceMibS },
    goal: { kind: 'ratio', atLeast: 0.7 },
  },
  { title: `raw sink, host to guest, ${bulk}`, unit: 'MiB/s', figures: ['rawSinkMibS'] },
  {
    title: `input of a command in the guest, ${bulk}`,
    unit: 'MiB/s',
    figures: ['bulkToGuestMibS'],
    ratio: { to: 'raw sink', of: (round) => round.bulkToGuestMibS / round.rawSinkMibS },
    goal: { kind: 'ratio', atLeast: 0.7 },
  },
]

const besideRows = (bulk: string): readonly Row[] => [
  {
    title: `ping of a program beside ${bulk} from the guest: p50, p95`,
    unit: 'ms',
    figures: ['besideFromGuestP50', 'besideFromGuestP95'],
    ratio: { to: clientPing, of: (round) => round.besideFromGuestP95 / round.clientPingP50 },
    goal: { kind: 'ratio', atMost: 5 },
  },
  {
    title: `ping of a program beside ${bulk} to the guest: p50, p95`,
    unit: 'ms',
    figures: ['besideToGuestP50', 'besideToGuestP95'],
    ratio: { to: clientPing, of: (round) => round.besideToGuestP95 / round.clientPingP50 },
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
    ratio: { to: 'start of `node` with nothing', of: (round) => round.programStartP50 / round.nodeStartP50 },
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

/** @param rounds at least one */
export function measuredRow(
  { title, unit, figures, ratio, goal }: Row,
  rounds: readonly Figures[],
): MeasuredRow {
  const medians = figures.map((name) => median(rounds.map((round) => round[name])))
  const [first] = figures
  const all = first === undefined ? [] : rounds.map((round) => round[first])
  const measured = ratio === undefined ? undefined : { to: ratio.to, value: median(rounds.map(ratio.of)) }
  const judged = goal?.kind === 'ratio' ? measured?.value : medians.at(-1)
  return {
    title,
    unit,
    figures: medians,
    range: [Math.min(...all), Math.max(...all)],
    ...(measured === undefined ? {} : { ratio: measured }),
    ...(goal === undefined || judged === undefined ? {} : { goal: { ...goal, isMet: isMet(goal, judged) } }),
  }
}

function isMet(goal: Goal, value: number): boolean {
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast
}
