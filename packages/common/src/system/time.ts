/**
 * What `time` answers: the clock, and whether to believe it.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count, measure, moment, textOrNull } from './values.js'

/** The machine's clock. */
export interface Time {
  readonly time: string
  readonly unixMilliseconds: number
  readonly uptimeSeconds: number
  /** What the kernel counts time with, such as `kvm-clock`. */
  readonly clockSource: string | null
  /** Whether a time service has set it; `null` when there is nobody to ask. */
  readonly isSynchronised: boolean | null
  /** Who said so: `systemd` or `chrony`. */
  readonly saidBy: string | null
}

export const timeSchema: z.ZodMiniType<Time> = z.strictObject({
  time: moment,
  unixMilliseconds: count,
  uptimeSeconds: measure,
  clockSource: textOrNull,
  isSynchronised: z.nullable(z.boolean()),
  saidBy: textOrNull,
})
