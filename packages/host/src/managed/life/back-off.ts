/**
 * When a guest that has ended is started again: each wait is twice the last, and after so many it is left off.
 * Pure.
 */
import type { RestartBackOff } from '../definition.js'
import type { LifeRecord } from './life-record.js'

/** The next restart. */
export interface NextRestart {
  readonly waitMs: number
  /** Restarts in a row, this one included. */
  readonly restartCount: number
}

/**
 * @param record how often it was restarted, and when it was started last
 * @param nowMs since 1970. A host's clock that was set back makes no run look long
 * @returns `undefined` when it was restarted often enough
 */
export function nextRestart(
  record: Pick<LifeRecord, 'restartCount' | 'startedMs'>,
  { backOff, nowMs }: { readonly backOff: RestartBackOff; readonly nowMs: number },
): NextRestart | undefined {
  const ranMs = record.startedMs === undefined ? 0 : nowMs - record.startedMs
  const before = ranMs >= backOff.resetAfterMs ? 0 : record.restartCount
  if (before >= backOff.restartCountMax) return undefined
  return { waitMs: Math.min(backOff.mostMs, backOff.firstMs * 2 ** before), restartCount: before + 1 }
}
