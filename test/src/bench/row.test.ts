import { test } from 'tap'
import type { Figures } from './figures.js'
import { fullSizes } from './figures.js'
import { benchRows } from './bench-rows.js'
import { measuredRow } from './row.js'
import type { Row } from './row.js'

const ones = Object.fromEntries(
  benchRows(fullSizes).flatMap(({ figures }) => figures.map((name) => [name, 1])),
)

/** A round of which only these figures matter. */
function round(figures: Partial<Figures>): Figures {
  return { ...(ones as Record<keyof Figures, number>), ...figures }
}

const ping: Row = {
  title: 'ping',
  unit: 'ms',
  figures: ['pingP50', 'pingP95'],
  ratios: [{ to: 'echo', of: (round) => round.pingP50 / round.rawEchoP50, goal: { atMost: 2.5 } }],
}

test('measuredRow() takes the median of each figure, and the range of the first', (t) => {
  const rounds = [3, 1, 2].map((ms) => round({ pingP50: ms, pingP95: ms * 10 }))
  const { figures, range } = measuredRow(ping, rounds)
  t.strictSame(figures, [2, 20])
  t.strictSame(range, [1, 3])
  t.end()
})

test('measuredRow() compares within each round, not the medians of all', (t) => {
  // The machine was slow in the second round and in the third: both figures were.
  const rounds = [
    round({ pingP50: 2, rawEchoP50: 1 }),
    round({ pingP50: 20, rawEchoP50: 10 }),
    round({ pingP50: 30, rawEchoP50: 10 }),
  ]
  t.match(measuredRow(ping, rounds), { ratios: [{ value: 2, goal: { isMet: true } }] })
  t.end()
})

test('measuredRow() says that a goal is missed', (t) => {
  t.strictSame(measuredRow(ping, [round({ pingP50: 2.6, rawEchoP50: 1 })]).ratios, [
    { to: 'echo', value: 2.6, goal: { atMost: 2.5, isMet: false } },
  ])
  const memory: Row = { ...ping, goal: { of: 'pingP95', atMost: 60 } }
  t.match(measuredRow(memory, [round({ pingP95: 61 })]), { goal: { isMet: false } }, 'of the figure it names')
  const calls: Row = { ...ping, goal: { of: 'pingP95', atLeast: 200 } }
  t.match(measuredRow(calls, [round({ pingP95: 199 })]), { goal: { isMet: false } })
  t.match(measuredRow(calls, [round({ pingP95: 200 })]), { goal: { isMet: true } })
  t.end()
})

test('benchRows() shows each figure once and names its sizes', (t) => {
  const rows = benchRows(fullSizes)
  const shown = rows.flatMap(({ figures }) => figures)
  t.equal(new Set(shown).size, shown.length)
  t.match(
    rows.map(({ title }) => title).join('\n'),
    /64 MiB[^]*calls of the module, 1000 in flight[^]*300 guests/,
  )
  t.end()
})
