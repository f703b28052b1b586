/**
 * What `users` answers: who is logged in.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { moment, textOrNull } from './values.js'

/** One login; somebody may have several. */
export interface Login {
  readonly name: string
  /** Such as `tty1`, `pts/0` or `:0`. */
  readonly terminal: string | null
  /** The machine that they came from. */
  readonly remoteHost: string | null
  readonly loginTime: string | null
}

export interface Users {
  readonly users: readonly Login[]
}

export const usersSchema: z.ZodMiniType<Users> = z.strictObject({
  users: z.array(
    z.strictObject({
      name: z.string().check(z.minLength(1)),
      terminal: textOrNull,
      remoteHost: textOrNull,
      loginTime: z.nullable(moment),
    }),
  ),
})
