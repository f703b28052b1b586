/**
 * The bench still runs, and each of its rows has figures. How good they are is not asked: this machine may be busy.
 */
import { test } from 'tap'
import { runBench } from './bench/bench.js'
import { benchTable } from './bench/table.js'

test('the bench gives each figure', { timeout: 600_000 }, async (t) => {
  const { rows } = await runBench({ roundCount: 1, isQuick: true, say: (line) => t.comment(line) })
  for (const { title, figures, unit } of rows) {
    const isRate = unit === 'a second'
    t.ok(figures.length > 0 && figures.every((figure) => figure > 0 || (isRate && figure === 0)), title)
  }
  t.strictSame(
    rows.filter(({ unit, goal }) => unit === 'calls' && goal?.isMet !== true),
    [],
    'all calls are answered',
  )
  t.comment(benchTable(rows))
})
