/**
 * What `timezone` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'
import { textOrNull } from './values.js'

/** The machine's time zone. */
export interface Timezone {
  /** Such as `Europe/Berlin`, when the machine knows its zone by name. */
  readonly name: string | null
  /** Minutes east of UTC now, daylight saving included. */
  readonly offsetMinutes: number
  /** Minutes east of UTC without daylight saving. */
  readonly standardOffsetMinutes: number | null
  readonly isDaylightSaving: boolean | null
}

const offset = z.int().check(z.gte(-24 * 60), z.lte(24 * 60))

export const timezoneSchema: z.ZodMiniType<Timezone> = z.strictObject({
  name: textOrNull,
  offsetMinutes: offset,
  standardOffsetMinutes: z.nullable(offset),
  isDaylightSaving: z.nullable(z.boolean()),
})
