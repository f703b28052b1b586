/**
 * What `set-host-name` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** A line of /etc/hosts that named the machine, as it was and as it is now or would be. */
export interface HostsLine {
  readonly before: string
  readonly after: string
}

/** What was done, or would be. */
export interface SetHostNameAnswer {
  readonly name: string
  readonly oldName: string
  readonly isChanged: boolean
  readonly isDryRun: boolean
  /** Where the old /etc/hostname is kept. */
  readonly backup: string | null
  /** None where no line had the old name. */
  readonly hostsLines: readonly HostsLine[]
  /** Where the old /etc/hosts is kept. */
  readonly hostsBackup: string | null
  /** For people: what was left alone, and why. */
  readonly notes: readonly string[]
}

export const setHostNameSchema: z.ZodMiniType<SetHostNameAnswer> = z.strictObject({
  name: z.string().check(z.minLength(1)),
  oldName: z.string(),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  backup: textOrNull,
  hostsLines: z.array(z.strictObject({ before: z.string(), after: z.string() })),
  hostsBackup: textOrNull,
  notes: z.array(z.string()),
})
