/**
 * `memory-stats`: the memory, and how busy it was since the last call, whoever made it. The kernel counts since its start; what is
 * kept between calls are its last counts, and when they are lost the rates are those of a short while.
 */
import type { Memory, MemoryStats } from '@negotiator/common/system'
import type { SystemCall, SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText } from '../files.js'
import type { Machine } from '../machine.js'
import { memoryLines, parseTable, readMemory } from './read-memory.js'

/** How long the first call looks. */
const firstIntervalMs = 500
/** Over a shorter time a rate says little, for the kernel tells time in hundredths of a second. */
const intervalSecondsMin = 0.1

/** What the kernel has counted up to a moment. */
interface Counts {
  readonly uptimeSeconds: number
  readonly swapIns: number
  readonly swapOuts: number
  readonly pageFaults: number
  readonly majorPageFaults: number
}

type Rates = Omit<MemoryStats, keyof Memory>

/** The counts of the last call. */
class MemoryRates {
  #last: Counts | undefined

  async rates(call: SystemCall): Promise<Rates> {
    const first = await readCounts(call.machine)
    const start = this.#last !== undefined && isLongEnough(this.#last, first) ? this.#last : first
    if (start === first) await call.machine.wait(firstIntervalMs, call.signal)
    const end = start === first ? await readCounts(call.machine) : first
    this.#last = end
    return ratesBetween(start, end)
  }
}

/** A command that has not been called yet. */
export function memoryStatsCommand(): SystemCommand {
  const keeper = new MemoryRates()
  return {
    name: 'memory-stats',
    run: async (call) => {
      const rates = await keeper.rates(call)
      const stats: MemoryStats = { ...(await readMemory(call.machine)), ...rates }
      return { json: stats, lines: [...memoryLines(stats), ...rateLines(rates)] }
    },
  }
}

export const command: SystemCommand = memoryStatsCommand()

async function readCounts(machine: Machine): Promise<Counts> {
  const counts = parseTable(await readText(machine, '/proc/vmstat'))
  const uptimeSeconds = Number.parseFloat((await readText(machine, '/proc/uptime')) ?? '')
  if (counts.size === 0 || Number.isNaN(uptimeSeconds))
    throw missing('Cannot tell how busy the memory is: /proc/vmstat cannot be read; mount /proc')
  const count = (name: string): number => counts.get(name) ?? 0
  return {
    uptimeSeconds,
    swapIns: count('pswpin'),
    swapOuts: count('pswpout'),
    pageFaults: count('pgfault'),
    majorPageFaults: count('pgmajfault'),
  }
}

function isLongEnough(start: Counts, end: Counts): boolean {
  return end.uptimeSeconds - start.uptimeSeconds >= intervalSecondsMin
}

function ratesBetween(start: Counts, end: Counts): Rates {
  const intervalSeconds = Math.max(end.uptimeSeconds - start.uptimeSeconds, 0.01)
  const rate = (name: Exclude<keyof Counts, 'uptimeSeconds'>): number =>
    rounded(Math.max(end[name] - start[name], 0) / intervalSeconds)
  return {
    intervalSeconds: rounded(intervalSeconds),
    swapInPagesPerSecond: rate('swapIns'),
    swapOutPagesPerSecond: rate('swapOuts'),
    pageFaultsPerSecond: rate('pageFaults'),
    majorPageFaultsPerSecond: rate('majorPageFaults'),
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

function rateLines(rates: Rates): readonly string[] {
  const { intervalSeconds, swapInPagesPerSecond, swapOutPagesPerSecond } = rates
  return [
    `swapping: ${swapInPagesPerSecond} pages/s in, ${swapOutPagesPerSecond} pages/s out`,
    `page faults: ${rates.pageFaultsPerSecond}/s, ${rates.majorPageFaultsPerSecond}/s of them major`,
    `rates over ${intervalSeconds} s`,
  ]
}
