/**
 * What a soak has shown, as a table for people, and on failure all that it takes to find out why.
 */
import type { Ledger } from './ledger.js'
import type { SoakReport } from './run-soak.js'

const brokenShownMax = 20

/** The table. */
export function soakTable(report: SoakReport, ledger: Ledger): string {
  const { checks, eventCounts, soakSeconds } = report
  const width = Math.max(...checks.map(({ title }) => title.length))
  const rows = checks.map(({ title, figures, broken }) => {
    const verdict = broken.length === 0 ? 'kept  ' : 'BROKEN'
    return `${title.padEnd(width)}  ${verdict}  ${figures}`
  })
  return [
    `${soakSeconds.toFixed(0)} seconds. Events: ${listOf(eventCounts)}`,
    `Calls: ${listOf(countBy(ledger.calls, ({ direction }) => direction))}`,
    `Results: ${listOf(countBy(ledger.results, ({ text }) => text))}`,
    ...rows,
  ].join('\n')
}

/** Whether every promise was kept. */
export function isKept({ checks }: SoakReport): boolean {
  return checks.every(({ broken }) => broken.length === 0)
}

/** What broke a promise, and what happened. */
export function soakFaults({ checks }: SoakReport, { events }: Ledger): string {
  const broken = checks.flatMap(({ title, broken: calls }) =>
    calls.slice(0, brokenShownMax).map((call) => `${title}: ${call}`),
  )
  return [...events, ...broken].join('\n')
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
}
