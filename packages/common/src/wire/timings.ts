/**
 * How long the stages of a call took at each daemon on its way, as a RESULT tells a caller who asked for it.
 * Floor 2. Pure. They are for people: whatever is wrong with them, the result stands without them.
 */

/** One daemon's stages; one that the call never came to has 0. */
export interface StageTimings {
  readonly side: 'host' | 'guest'
  /** In line: for its turn, and for room. */
  readonly waitMs: number
  /** Policy, command and its settings. */
  readonly decideMs: number
  /** Until the command was started; 0 where the call was passed on. */
  readonly startMs: number
  /** Until the command had ended, or the daemon to which it was passed on had answered. */
  readonly runMs: number
}

/** A call goes through three daemons at most: a guest's, its host's, another guest's. */
const daemonCountMax = 4

/** The timings in a result's fields; `undefined` when there are none that can be read. */
export function timingsFrom(value: unknown): readonly StageTimings[] | undefined {
  if (!Array.isArray(value) || value.length > daemonCountMax) return undefined
  const timings = value.flatMap((item: unknown) => stagesFrom(item) ?? [])
  return timings.length === value.length ? timings : undefined
}

function stagesFrom(item: unknown): StageTimings | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const { side, waitMs, decideMs, startMs, runMs } = item as Readonly<Record<string, unknown>>
  if (side !== 'host' && side !== 'guest') return undefined
  if (!isTime(waitMs) || !isTime(decideMs) || !isTime(startMs) || !isTime(runMs)) return undefined
  return { side, waitMs, decideMs, startMs, runMs }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
