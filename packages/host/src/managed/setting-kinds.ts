/**
 * The kinds of value that a setting may have, each with the sentence that says what is wanted.
 * Pure. It loads zod, so a program imports it only once it has a definition at hand.
 */
import { didYouMean } from '@negotiator/common'
import * as z from 'zod/mini'
import type { ZodMiniType } from 'zod/mini'
import { shown } from './problem.js'

interface Issue {
  readonly input?: unknown
  /** Of a table: those that it does not know. */
  readonly keys?: readonly string[] | undefined
}

/** More than any machine has of anything. */
const partCountMax = 256

/** What is said of a value that is none. @param wanted as the end of a sentence */
export const saying = (wanted: string): { error: (issue: Issue) => string } => ({
  error: ({ input }) =>
    input === undefined ? `it is missing, wanted ${wanted}` : `it is ${shown(input)}, wanted ${wanted}`,
})

/** A text that is good; no program takes one with a zero byte in it. */
export const text = (wanted: string, isGood: (value: string) => boolean): ZodMiniType<string> =>
  z.string(saying(wanted)).check(z.refine((value) => !value.includes('\0') && isGood(value), saying(wanted)))

/** A text that a pattern takes. */
export const matching = (wanted: string, pattern: RegExp): ZodMiniType<string> =>
  text(wanted, (value) => pattern.test(value))

/** One of some words. */
export const oneOf = <const Value extends string>(...values: readonly Value[]): ZodMiniType<Value> =>
  z.enum(values, saying(listed(values)))

/** A whole number. */
export const count = (least: number, most: number): ZodMiniType<number> => {
  const wanted = saying(`a whole number from ${least} to ${most}`)
  return z
    .number(wanted)
    .check(z.refine((value) => Number.isInteger(value) && value >= least && value <= most, wanted))
}

/** A list of one kind. */
export const list = <Value>(type: ZodMiniType<Value>): ZodMiniType<Value[]> =>
  z.array(type, saying('a list')).check(z.maxLength(partCountMax, saying(`${partCountMax} entries at most`)))

/** A table that knows all its keys; of several unknown ones each has a line. */
export const table = <Shape extends z.core.$ZodShape>(shape: Shape): z.ZodMiniObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: ({ keys, input }: Issue) =>
      keys?.map((key) => `there is no such setting${didYouMean(key, Object.keys(shape))}`).join('\n') ??
      saying('a table').error({ input }),
  })

/** As the end of a sentence. */
export function listed(values: readonly string[]): string {
  return `one of ${values.map((value) => `"${value}"`).join(', ')}`
}
