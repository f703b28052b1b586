/**
 * What `session` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'

const sessionActions = ['lock', 'log-off'] as const

/** What it can do. */
export type SessionAction = (typeof sessionActions)[number]

/** One session of logind. */
export interface LoginSession {
  readonly id: string
  readonly user: string
  /** Such as `seat0`; empty for one over the network. */
  readonly seat: string
}

/** What was done, or would be. */
export interface SessionAnswer {
  readonly action: SessionAction
  /** Those that it was done to; none when nobody is logged in there. */
  readonly sessions: readonly LoginSession[]
  readonly isDryRun: boolean
}

export const sessionSchema: z.ZodMiniType<SessionAnswer> = z.strictObject({
  action: z.enum(sessionActions),
  sessions: z.array(
    z.strictObject({ id: z.string().check(z.minLength(1)), user: z.string(), seat: z.string() }),
  ),
  isDryRun: z.boolean(),
})
