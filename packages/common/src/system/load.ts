/**
 * What `load` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count, measure } from './values.js'

/** How many tasks ran or waited to run, on average, and how many there are. */
export interface Load {
  readonly oneMinute: number
  readonly fiveMinutes: number
  readonly fifteenMinutes: number
  readonly runningTaskCount: number
  readonly taskCount: number
}

export const loadSchema: z.ZodMiniType<Load> = z.strictObject({
  oneMinute: measure,
  fiveMinutes: measure,
  fifteenMinutes: measure,
  runningTaskCount: count,
  taskCount: count,
})
