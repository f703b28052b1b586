/**
 * What `os-info` answers: which system this is.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** The operating system. */
export interface OsInfo {
  readonly type: 'linux'
  /** The kernel's release, such as `6.1.0-13-amd64`. */
  readonly kernel: string
  /** As the kernel names it, such as `x86_64`. */
  readonly architecture: string
  /** The distribution for programs, such as `debian`: `ID` of os-release(5). */
  readonly distributionId: string | null
  /** The distribution for people, such as `Debian GNU/Linux`. */
  readonly distribution: string | null
  /** Such as `12`; a rolling distribution has none. */
  readonly version: string | null
  /** Such as `bookworm`. */
  readonly codename: string | null
}

export const osInfoSchema: z.ZodMiniType<OsInfo> = z.strictObject({
  type: z.literal('linux'),
  kernel: z.string(),
  architecture: z.string(),
  distributionId: textOrNull,
  distribution: textOrNull,
  version: textOrNull,
  codename: textOrNull,
})
