/**
 * What the answers of system commands are made of.
 * Floor 1. What a machine cannot tell is `null`, never missing and never 0.
 */
import * as z from 'zod/mini'

/** A count or a number of bytes: a whole number, 0 or more. */
export const count: z.ZodMiniType<number> = z.int().check(z.gte(0))

/** A rate, a duration or another measure: 0 or more. */
export const measure: z.ZodMiniType<number> = z.number().check(z.gte(0))

/** A text that the machine may not be able to tell. */
export const textOrNull: z.ZodMiniType<string | null> = z.nullable(z.string().check(z.minLength(1)))

/** A count that the machine may not be able to tell. */
export const countOrNull: z.ZodMiniType<number | null> = z.nullable(count)

/** A moment in UTC, such as `2026-11-21T18:30:00.000Z`. */
export const moment: z.ZodMiniType<string> = z.iso.datetime()
