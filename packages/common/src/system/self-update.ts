/**
 * What `self-update` answers, and with `--last` how the last update went.
 * Floor 1. The command prints it with `--json`; the schemas check what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

const updateStates = ['pending', 'updated', 'rolled-back', 'down'] as const

/** How an update goes. */
export type UpdateState = (typeof updateStates)[number]

/** What is planned, or would be. */
export interface UpdateAnswer {
  readonly version: string
  readonly oldVersion: string
  readonly isDryRun: boolean
  /** Where the old program is kept. */
  readonly backup: string | null
}

/** What is known of the last one. */
export interface LastUpdate {
  readonly state: UpdateState | 'none'
  /** `null` where there was none. */
  readonly version: string | null
}

const version = z.string().check(z.minLength(1))

export const updateSchema: z.ZodMiniType<UpdateAnswer> = z.strictObject({
  version,
  oldVersion: version,
  isDryRun: z.boolean(),
  backup: textOrNull,
})

export const lastUpdateSchema: z.ZodMiniType<LastUpdate> = z.strictObject({
  state: z.enum([...updateStates, 'none']),
  version: textOrNull,
})
