/**
 * One line of a table of figures: what it shows, what it is compared with, and the goal of the budget. Pure.
 */
import type { Figures } from './figures.js'
import { median } from './statistics.js'

/** A limit on a row's first ratio, or on its last figure. */
export type Goal =
  | { readonly kind: 'ratio' | 'figure'; readonly atMost: number }
  | { readonly kind: 'ratio' | 'figure'; readonly atLeast: number }

/** One line of the table. */
export interface Row {
  readonly title: string
  readonly unit: string
  readonly figures: readonly (keyof Figures)[]
  /** `of` is taken in each round on its own, for both sides of a ratio must be of one time. */
  readonly ratios?: readonly { readonly to: string; readonly of: (round: Figures) => number }[]
  readonly goal?: Goal
}

/** A row with its numbers: the medians of all rounds. */
export interface MeasuredRow {
  readonly title: string
  readonly unit: string
  readonly figures: readonly number[]
  /** The smallest and the largest that any round had of the first figure. */
  readonly range: readonly [number, number]
  readonly ratios: readonly { readonly to: string; readonly value: number }[]
  readonly goal?: Goal & { readonly isMet: boolean }
}

/** @param rounds at least one */
export function measuredRow(
  { title, unit, figures, ratios = [], goal }: Row,
  rounds: readonly Figures[],
): MeasuredRow {
  const medians = figures.map((name) => median(rounds.map((round) => round[name])))
  const [first] = figures
  const all = first === undefined ? [] : rounds.map((round) => round[first])
  const measured = ratios.map(({ to, of }) => ({ to, value: median(rounds.map(of)) }))
  const judged = goal?.kind === 'ratio' ? measured[0]?.value : medians.at(-1)
  return {
    title,
    unit,
    figures: medians,
    range: [Math.min(...all), Math.max(...all)],
    ratios: measured,
    ...(goal === undefined || judged === undefined ? {} : { goal: { ...goal, isMet: isMet(goal, judged) } }),
  }
}

function isMet(goal: Goal, value: number): boolean {
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast
}
