/**
 * Whether all is well again: calls that were made after an event end as they should, both ways, without anybody's help.
 */
import { setTimeout as pass } from 'node:timers/promises'
import type { Direction, Ledger } from './ledger.js'

const directions: readonly Direction[] = ['host-to-guest', 'guest-to-host']
const lookEachMs = 100
/** A guest that boots under emulation, beside others, is slow. */
const patienceMs = 120_000

/** Waits until all is well, and notes how long it took. @returns whether it is */
export async function isWellAgain(ledger: Ledger): Promise<boolean> {
  const tookMs = await untilWell(ledger)
  ledger.recoveries.push({ after: ledger.events.at(-1) ?? 'the beginning', tookMs })
  return tookMs !== undefined
}

async function untilWell(ledger: Ledger): Promise<number | undefined> {
  const fromMs = Date.now()
  const firstCall = ledger.calls.length
  while (Date.now() - fromMs < patienceMs) {
    const made = ledger.calls.slice(firstCall)
    const ended = new Set(
      ledger.results.filter(({ atMs, text }) => atMs >= fromMs && text === 'exited 0').map(({ id }) => id),
    )
    const isWell = (wanted: Direction): boolean =>
      made.some(({ id, direction }) => direction === wanted && ended.has(id))
    if (directions.every(isWell)) return Date.now() - fromMs
    await pass(lookEachMs)
  }
  return undefined
}
