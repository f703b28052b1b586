/**
 * Reads the kernel's tables of names and numbers that tell of memory; see proc_meminfo(5) and proc_vmstat(5).
 */
import type { Memory } from '@negotiator/common/system'
import { missing } from '../failure.js'
import { readText } from '../files.js'
import type { Machine } from '../machine.js'

/** The memory now. */
export async function readMemory(machine: Machine): Promise<Memory> {
  const table = parseTable(await readText(machine, '/proc/meminfo'))
  const bytes = (name: string): number => (table.get(name) ?? 0) * 1024
  if (!table.has('MemTotal'))
    throw missing('Cannot tell the memory: /proc/meminfo cannot be read; mount /proc')
  const [freeBytes, buffersBytes, cachedBytes] = [bytes('MemFree'), bytes('Buffers'), bytes('Cached')]
  return {
    totalBytes: bytes('MemTotal'),
    freeBytes,
    // Kernels before 3.14 do not tell; this is what was taken for it then.
    availableBytes: table.has('MemAvailable')
      ? bytes('MemAvailable')
      : freeBytes + buffersBytes + cachedBytes,
    buffersBytes,
    cachedBytes,
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  }
}

/** Numbers by name, from lines such as `MemFree:  1024 kB` or `pgfault 5`. */
export function parseTable(text = ''): ReadonlyMap<string, number> {
  const lines = text.split('\n').map((line) => /^([^\s:]+):?\s+(\d+)/.exec(line))
  return new Map(lines.flatMap((found) => (found === null ? [] : [[found[1] ?? '', Number(found[2])]])))
}

/** Lines for people. */
export function memoryLines(memory: Memory): readonly string[] {
  const { totalBytes, freeBytes, availableBytes, buffersBytes, cachedBytes } = memory
  const { swapTotalBytes, swapFreeBytes } = memory
  return [
    `memory: ${mebibytes(totalBytes)}, available ${mebibytes(availableBytes)}, free ${mebibytes(freeBytes)}, ` +
      `buffers ${mebibytes(buffersBytes)}, cached ${mebibytes(cachedBytes)}`,
    `swap: ${mebibytes(swapTotalBytes)}, free ${mebibytes(swapFreeBytes)}`,
  ]
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
