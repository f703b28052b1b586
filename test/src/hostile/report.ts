/**
 * What was seen beside a hostile guest, as a table for people, with what it should have been.
 */
import { percentile } from '../bench/statistics.js'
import type { Calls } from './honest-calls.js'
import type { HostileReport } from './run-hostile.js'

/** An honest guest's calls may take so many times as long at their slowest twentieth. */
export const ratioMax = 2
/** The host daemon's budget in MiB, with two guests. */
export const residentMibBudget: number = 80 + 2 * 0.5
/**
 * What a story asks for in MiB, on whatever Node and C library: a leak of one flood goes beyond it in seconds, and the budget is
 * `pnpm hostile`'s business.
 */
export const residentMibBound = 110

/** One line of the table. */
export interface ReportRow {
  readonly title: string
  readonly figures: string
  /** Whether the budget is kept; `undefined` where there is none. */
  readonly isMet?: boolean
}

/** The rows of a report. */
export function reportRows(report: HostileReport): readonly ReportRow[] {
  const { idle, beside, residentMibIdle, residentMibMax, daemonLoad, hostileSeconds, logLines } = report
  return [
    callsRow('host calls honest guest', { idle: idle.toGuest, beside: beside.toGuest }),
    callsRow('honest guest calls host', { idle: idle.toHost, beside: beside.toHost }),
    callsRow('ping of honest guest', { idle: idle.pings, beside: beside.pings }),
    {
      title: 'host daemon, MiB resident',
      figures: `${residentMibIdle.toFixed(0)} before, at most ${residentMibMax.toFixed(1)}, budget ${residentMibBudget}`,
      isMet: residentMibMax <= residentMibBudget,
    },
    {
      title: 'host daemon, descriptors and children',
      figures: `${JSON.stringify(report.holdingsBefore)} before, ${JSON.stringify(report.holdingsAfter)} after`,
    },
    { title: 'host daemon, processors', figures: daemonLoad.toFixed(2) },
    {
      title: 'log lines a second',
      figures: `${(logLines.length / hostileSeconds).toFixed(1)} in ${hostileSeconds.toFixed(0)} s`,
    },
  ]
}

/** The rows as text. */
export function reportTable(rows: readonly ReportRow[]): string {
  const width = Math.max(...rows.map(({ title }) => title.length))
  return rows
    .map(({ title, figures, isMet }) => `${title.padEnd(width)}  ${verdict(isMet)}  ${figures}`)
    .join('\n')
}

function verdict(isMet: boolean | undefined): string {
  if (isMet === undefined) return '      '
  return isMet ? 'kept  ' : 'MISSED'
}

function callsRow(title: string, { idle, beside }: { idle: Calls; beside: Calls }): ReportRow {
  const [before, during] = [idle, beside].map(({ times }) => ({
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
  }))
  const ratio = (during?.p95 ?? 0) / (before?.p95 ?? 0)
  const figures = [before, during].map((at) => `p50 ${at?.p50.toFixed(1)} p95 ${at?.p95.toFixed(1)} ms`)
  return {
    title,
    figures: `${figures.join(' idle, ')} beside, ratio ${ratio.toFixed(2)}; ${beside.times.length} calls, ${beside.wrong.length} wrong`,
    isMet: ratio <= ratioMax && beside.wrong.length === 0,
  }
}
