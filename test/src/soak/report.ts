/**
 * What a soak has shown, as a table for people, and on failure all that it takes to find out why.
 */
import type { Ledger } from './ledger.js'
import type { SoakReport } from './run-soak.js'

const brokenShownMax = 20

/** The table. */
export function soakTable({ checks, eventCount, soakSeconds }: SoakReport, ledger: Ledger): string {
  const rows = checks.map(({ title, count, broken, excused }) => [
    `each call ${title}`,
    broken.length === 0 ? 'kept' : 'BROKEN',
    `${count} calls, ${broken.length} broken, ${excused} excused`,
  ])
  const width = Math.max(...rows.map(([title = '']) => title.length))
  return [
    `${eventCount} events in ${soakSeconds.toFixed(0)} s; ${countsOf(ledger)}`,
    ...rows.map(
      ([title = '', verdict = '', figures]) => `${title.padEnd(width)}  ${verdict.padEnd(6)}  ${figures}`,
    ),
  ].join('\n')
}

/** Whether every promise was kept. */
export function isKept({ checks }: SoakReport): boolean {
  return checks.every(({ broken, count }) => broken.length === 0 && count > 0)
}

/** What broke a promise, and what happened. */
export function soakFaults({ checks }: SoakReport, { events }: Ledger): string {
  const broken = checks.flatMap(({ title, broken: calls }) =>
    calls.slice(0, brokenShownMax).map((call) => `each call ${title}: ${call}`),
  )
  return [...events, ...broken].join('\n')
}

function countsOf({ calls, results }: Ledger): string {
  const directions = ['host-to-guest', 'guest-to-host'].map(
    (wanted) =>
      `${calls.filter(({ direction }) => direction === wanted).length} calls ${wanted.replaceAll('-', ' ')}`,
  )
  const counts = new Map<string, number>()
  for (const { text } of results) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...directions, ...[...counts].map(([text, count]) => `${text}: ${count}`)].join(', ')
}
