/**
 * What `active-user` answers: who sits at the screen.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** The user whose session the machine's screen shows; all `null` when nobody is logged in there. */
export interface ActiveUser {
  readonly name: string | null
  readonly terminal: string | null
  readonly isLocked: boolean | null
}

export const activeUserSchema: z.ZodMiniType<ActiveUser> = z.strictObject({
  name: textOrNull,
  terminal: textOrNull,
  isLocked: z.nullable(z.boolean()),
})
