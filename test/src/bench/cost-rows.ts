/**
 * The rows of what Negotiator costs: start, memory, wake-ups and processor time, with one guest and with many. Pure.
 */
import { loadCallsPerSecond } from './fleet.js'
import { levels } from './figures.js'
import type { Sizes } from './figures.js'
import type { Row } from './row.js'

const daemonMib = 80
const guestMib = 0.5
const rate = 'a second'
const processorTime = 'ms of processor time a second'

/** With one guest, which is a machine. */
export const costRows: readonly Row[] = [
  {
    title: 'start of `node` with nothing: p50, p95, p99',
    unit: 'ms',
    figures: ['nodeStartP50', 'nodeStartP95', 'nodeStartP99'],
  },
  {
    title: 'start of `negotiator-host --help`: p50, p95, p99',
    unit: 'ms',
    figures: ['programStartP50', 'programStartP95', 'programStartP99'],
    ratios: [
      { to: 'start of `node` with nothing', of: (round) => round.programStartP50 / round.nodeStartP50 },
    ],
    goal: { of: 'programStartP50', atMost: 150 },
  },
  {
    title: "memory of the guest's daemon: before, after all this",
    unit: 'MiB RSS',
    figures: ['guestIdleMib', 'guestAfterMib'],
    goal: { of: 'guestAfterMib', atMost: 60 },
  },
  {
    title: "memory of the host's daemon: before, after all this",
    unit: 'MiB RSS',
    figures: ['hostIdleMib', 'hostAfterMib'],
    goal: { of: 'hostAfterMib', atMost: daemonMib + guestMib },
  },
  {
    title: 'wake-ups of all threads without calls, heartbeats included: guest, host',
    unit: rate,
    figures: ['guestWakeUpsPerS', 'hostWakeUpsPerS'],
  },
  { title: '... and', unit: processorTime, figures: ['guestCpuMsPerS', 'hostCpuMsPerS'] },
  {
    title: 'wake-ups without a peer: guest, host',
    unit: rate,
    figures: ['guestAloneWakeUpsPerS', 'hostAloneWakeUpsPerS'],
  },
  { title: '... and', unit: processorTime, figures: ['guestAloneCpuMsPerS', 'hostAloneCpuMsPerS'] },
]

/** With stand-ins for many guests. */
export function fleetRows({ fleets }: Sizes): readonly Row[] {
  const mib = levels.map((level): Row => {
    const count = fleets[level]
    return {
      title: `memory of a host's daemon with ${countOf(count)}: at rest, after calls`,
      unit: 'MiB RSS',
      figures: [`fleet${level}RestMib`, `fleet${level}LoadMib`],
      goal: { of: `fleet${level}LoadMib`, atMost: daemonMib + guestMib * count },
    }
  })
  const cpu = levels.map((level): Row => ({
    title: `processor time with ${countOf(fleets[level])}: at rest, under ${loadCallsPerSecond} calls a second`,
    unit: processorTime,
    figures: [`fleet${level}RestCpuMsPerS`, `fleet${level}LoadCpuMsPerS`],
  }))
  return [...mib, ...cpu]
}

function countOf(guests: number): string {
  return guests === 1 ? '1 guest' : `${guests} guests`
}
