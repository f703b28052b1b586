import { test } from 'tap'
import { benchPlot } from './plot.js'
import type { MeasuredRow } from './row.js'

const row: MeasuredRow = { title: 'ping: p50, p95', unit: 'ms', figures: [1], range: [1, 1], ratios: [] }

test('benchPlot() draws a bar for each ratio, from 1 to its value, with its goal and verdict', (t) => {
  const plot = benchPlot([
    {
      ...row,
      ratios: [
        { to: 'raw echo', value: 10, goal: { atMost: 2.5, isMet: false } },
        { to: '`guest-ping` of <qemu-ga> & co', value: 0.1 },
      ],
    },
    row,
  ])
  const bars = [...plot.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)]
  t.strictSame(
    bars.map(([, ...bar]) => bar),
    [
      ['missed', '480.0', '440.0'],
      ['free', '40.0', '440.0'],
    ],
    'on a scale from 0.1 to 10',
  )
  t.match(plot, />ping: 10 x raw echo, goal at most 2.5</)
  t.match(plot, />ping: 0.100 x guest-ping of &lt;qemu-ga&gt; &amp; co</)
  t.equal([...plot.matchAll(/class="goal"/g)].length, 1)
  t.strictSame(
    [...plot.matchAll(/middle">([^<]+)</g)].map(([, label]) => label),
    ['0.1 x', '1 x', '10 x'],
  )
  t.end()
})

test('benchPlot() leaves out what has no place on its scale, and needs no ratio at all', (t) => {
  const plot = benchPlot([{ ...row, ratios: [{ to: 'echo', value: 0 }] }])
  t.match(plot, /^<svg [^]*<\/svg>\n$/)
  t.notMatch(plot, /NaN|Infinity|x echo/)
  t.end()
})

test('benchPlot() can be read on light ground and on dark', (t) => {
  t.match(benchPlot([]), /@media \(prefers-color-scheme: dark\)/)
  t.end()
})
