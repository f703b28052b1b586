/**
 * What `memory-stats` answers: the memory, and how busy it was since the last time that somebody asked.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { memoryFields } from './memory.js'
import type { Memory } from './memory.js'
import { measure } from './values.js'

/** The memory now, and rates since the last call, or over a short while at the first. */
export interface MemoryStats extends Memory {
  /** What the rates are an average of. */
  readonly intervalSeconds: number
  readonly swapInPagesPerSecond: number
  readonly swapOutPagesPerSecond: number
  readonly pageFaultsPerSecond: number
  /** Those that had to wait for a disk. */
  readonly majorPageFaultsPerSecond: number
}

export const memoryStatsSchema: z.ZodMiniType<MemoryStats> = z.strictObject({
  ...memoryFields,
  intervalSeconds: measure,
  swapInPagesPerSecond: measure,
  swapOutPagesPerSecond: measure,
  pageFaultsPerSecond: measure,
  majorPageFaultsPerSecond: measure,
})
