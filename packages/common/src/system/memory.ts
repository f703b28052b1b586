/**
 * What `memory` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count } from './values.js'

/** The machine's memory now. */
export interface Memory {
  readonly totalBytes: number
  /** Used for nothing at all. */
  readonly freeBytes: number
  /** What programs can have without swapping: free, and what the kernel gives back when it is asked. */
  readonly availableBytes: number
  readonly buffersBytes: number
  readonly cachedBytes: number
  readonly swapTotalBytes: number
  readonly swapFreeBytes: number
}

/** The fields, for answers that hold them beside others. */
export const memoryFields: Readonly<Record<keyof Memory, z.ZodMiniType<number>>> = {
  totalBytes: count,
  freeBytes: count,
  availableBytes: count,
  buffersBytes: count,
  cachedBytes: count,
  swapTotalBytes: count,
  swapFreeBytes: count,
}

export const memorySchema: z.ZodMiniType<Memory> = z.strictObject(memoryFields)
