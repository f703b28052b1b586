/**
 * What `host-name` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** What the machine calls itself. */
export interface HostName {
  readonly name: string
  /** With its domain, such as `web-1.example.org`, when it has one. */
  readonly fqdn: string | null
}

export const hostNameSchema: z.ZodMiniType<HostName> = z.strictObject({
  name: z.string().check(z.minLength(1)),
  fqdn: textOrNull,
})
