/**
 * The bench still runs, and each of its rows has figures. How good they are is not asked: this machine may be busy.
 */
import { test } from 'tap'
import { runBench } from './bench/bench.js'
import { benchPlot } from './bench/plot.js'
import { benchTable } from './bench/table.js'

/** A daemon at rest may do nothing at all in a second. */
const mayBeNothing = /^(ms of processor time )?a second$/

test('the bench gives each figure', { timeout: 600_000 }, async (t) => {
  const { rows } = await runBench({ roundCount: 1, isQuick: true, say: (line) => t.comment(line) })
  for (const { title, figures, unit } of rows) {
    const isGiven = (figure: number): boolean => figure > 0 || (figure === 0 && mayBeNothing.test(unit))
    t.ok(figures.length > 0 && figures.every(isGiven), title)
  }
  t.match(
    rows.find(({ unit }) => unit === 'calls'),
    { goal: { isMet: true } },
    'all calls are answered',
  )
  t.notMatch(benchPlot(rows), /NaN/)
  t.comment(benchTable(rows))
})
