/**
 * What `cpus` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { count, countOrNull, textOrNull } from './values.js'

/** The processors that the machine has. */
export interface Cpus {
  /** Those that run programs. */
  readonly onlineCount: number
  /** Those that are plugged in, switched off or not. */
  readonly presentCount: number
  /** Those that it could have: more can be plugged in up to this number. */
  readonly possibleCount: number
  readonly socketCount: number | null
  readonly coreCount: number | null
  readonly model: string | null
}

export const cpusSchema: z.ZodMiniType<Cpus> = z.strictObject({
  onlineCount: count,
  presentCount: count,
  possibleCount: count,
  socketCount: countOrNull,
  coreCount: countOrNull,
  model: textOrNull,
})
