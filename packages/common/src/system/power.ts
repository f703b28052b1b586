/**
 * What `power` answers, before it happens.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count } from './values.js'

const powerActions = ['shutdown', 'reboot', 'hibernate', 'suspend'] as const

/** What it can do. */
export type PowerAction = (typeof powerActions)[number]

/** What is planned, or would be. */
export interface PowerAnswer {
  readonly action: PowerAction
  readonly delaySeconds: number
  /** Whether whoever is logged in was told. */
  readonly isAnnounced: boolean
  readonly isDryRun: boolean
}

export const powerSchema: z.ZodMiniType<PowerAnswer> = z.strictObject({
  action: z.enum(powerActions),
  delaySeconds: count,
  isAnnounced: z.boolean(),
  isDryRun: z.boolean(),
})
