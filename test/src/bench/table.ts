/**
 * Rows as a Markdown table. Pure.
 */
import type { Goal, JudgedGoal, MeasuredRow } from './row.js'

/** @returns the lines of a table, the last without a line end */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** @returns the table of the bench */
export function benchTable(rows: readonly MeasuredRow[]): string {
  const head = ['what', 'median of the rounds', 'lowest and highest', 'ratio', 'goal', '']
  return markdownTable(head, rows.map(cells))
}

function cells({ title, unit, figures, range, ratios, goal }: MeasuredRow): readonly string[] {
  const goals = [
    ...ratios.flatMap((ratio) => (ratio.goal === undefined ? [] : [{ goal: ratio.goal, sign: ' x' }])),
    ...(goal === undefined ? [] : [{ goal, sign: '' }]),
  ]
  return [
    title,
    `${figures.map(number).join(', ')} ${unit}`,
    range.map(number).join('-'),
    ratios.map(({ to, value }) => `${number(value)} x ${to}`).join('; '),
    goals.map((one) => `${goalText(one.goal)}${one.sign}`).join('; '),
    goals.map((one) => verdict(one.goal)).join('; '),
  ]
}

/** A goal in words. */
export function goalText(goal: Goal): string {
  return 'atMost' in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`
}

function verdict({ isMet }: JudgedGoal): string {
  return isMet ? 'met' : '**missed**'
}

/** Three digits say all that such a measurement knows. */
export function number(value: number): string {
  if (Number.isInteger(value)) return String(value)
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(digits, 3))
}
