/**
 * What `set-password` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** What was done, or would be. */
export interface PasswordAnswer {
  readonly user: string
  readonly isChanged: boolean
  readonly isDryRun: boolean
  /** Where the old shadow file is kept. */
  readonly backup: string | null
}

export const passwordAnswerSchema: z.ZodMiniType<PasswordAnswer> = z.strictObject({
  user: z.string().check(z.minLength(1)),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  backup: textOrNull,
})
