/**
 * One line of a table of figures: what it shows, what it is compared with, and the goals of the budget. Pure.
 */
import type { Figures } from './figures.js'
import { median } from './statistics.js'

/** A limit on a figure, or on a ratio. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

/** A goal, and whether it is met. */
export type JudgedGoal = Goal & { readonly isMet: boolean }

/** What a row is compared with. */
export interface Ratio {
  readonly to: string
  /** Taken in each round on its own, for both sides of a ratio must be of one time. */
  readonly of: (round: Figures) => number
  readonly goal?: Goal
}

/** One line of the table. */
export interface Row {
  readonly title: string
  readonly unit: string
  readonly figures: readonly (keyof Figures)[]
  readonly ratios?: readonly Ratio[]
  /** Of one of the figures. */
  readonly goal?: Goal & { readonly of: keyof Figures }
}

/** A ratio with its number. */
export interface MeasuredRatio {
  readonly to: string
  readonly value: number
  readonly goal?: JudgedGoal
}

/** A row with its numbers: the medians of all rounds. */
export interface MeasuredRow {
  readonly title: string
  readonly unit: string
  readonly figures: readonly number[]
  /** The smallest and the largest that any round had of the first figure. */
  readonly range: readonly [number, number]
  readonly ratios: readonly MeasuredRatio[]
  readonly goal?: JudgedGoal
}

/** @param rounds at least one */
export function measuredRow(
  { title, unit, figures, ratios = [], goal }: Row,
  rounds: readonly Figures[],
): MeasuredRow {
  const medianOf = (name: keyof Figures): number => median(rounds.map((round) => round[name]))
  const [first] = figures
  const all = first === undefined ? [] : rounds.map((round) => round[first])
  return {
    title,
    unit,
    figures: figures.map(medianOf),
    range: [Math.min(...all), Math.max(...all)],
    ratios: ratios.map((ratio) => measuredRatio(ratio, rounds)),
    ...(goal === undefined ? {} : { goal: judged(goal, medianOf(goal.of)) }),
  }
}

function measuredRatio({ to, of, goal }: Ratio, rounds: readonly Figures[]): MeasuredRatio {
  const value = median(rounds.map(of))
  return { to, value, ...(goal === undefined ? {} : { goal: judged(goal, value) }) }
}

function judged(goal: Goal, value: number): JudgedGoal {
  return 'atMost' in goal
    ? { atMost: goal.atMost, isMet: value <= goal.atMost }
    : { atLeast: goal.atLeast, isMet: value >= goal.atLeast }
}
