import { test } from 'tap'
import { benchTable, number } from './table.js'

test('benchTable() is Markdown that shows figure, ratio, goal and verdict', (t) => {
  const table = benchTable([
    {
      title: 'ping',
      unit: 'ms',
      figures: [0.5123, 12.34],
      range: [0.4, 0.61],
      ratios: [
        { to: 'raw echo', value: 2.7, goal: { atMost: 2.5, isMet: false } },
        { to: 'C', value: 12 },
      ],
      goal: { atMost: 13, isMet: true },
    },
    {
      title: 'calls',
      unit: 'calls',
      figures: [200],
      range: [200, 200],
      ratios: [],
      goal: { atLeast: 200, isMet: true },
    },
    { title: 'echo', unit: 'ms', figures: [1], range: [1, 1], ratios: [] },
  ])
  t.equal(
    table,
    `| what | median of the rounds | lowest and highest | ratio | goal |  |
| --- | --- | --- | --- | --- | --- |
| ping | 0.512, 12.3 ms | 0.400-0.610 | 2.70 x raw echo; 12 x C | at most 2.5 x; at most 13 | **missed**; met |
| calls | 200 calls | 200-200 |  | at least 200 | met |
| echo | 1 ms | 1-1 |  |  |  |`,
  )
  t.end()
})

test('number() keeps three digits', (t) => {
  t.strictSame([0, 0.0123, 1.5, 12.345, 123.45, 12345.6].map(number), [
    '0',
    '0.012',
    '1.50',
    '12.3',
    '123',
    '12346',
  ])
  t.end()
})
