/**
 * What `applications` answers: which packages are installed.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** An installed package. */
export interface Application {
  readonly name: string
  /** As its package manager writes it, such as `1:9.2p1-2+deb12u3`. */
  readonly version: string
  readonly architecture: string | null
}

export interface Applications {
  readonly packageManager: 'dpkg' | 'rpm' | 'apk'
  readonly applications: readonly Application[]
}

export const applicationsSchema: z.ZodMiniType<Applications> = z.strictObject({
  packageManager: z.enum(['dpkg', 'rpm', 'apk']),
  applications: z.array(
    z.strictObject({
      name: z.string().check(z.minLength(1)),
      version: z.string(),
      architecture: textOrNull,
    }),
  ),
})
