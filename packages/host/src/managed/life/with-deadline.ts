/**
 * Something that is given up when its time is over.
 */
import type { Clock } from '@negotiator/common'

/** How long it may take. */
export interface Deadline {
  readonly clock: Clock
  /** `undefined`: as long as it likes. */
  readonly limitMs: number | undefined
  /** Ends it early. */
  readonly signal: AbortSignal
}

/**
 * Does something.
 * @param action given what ends it; what it then throws is not told
 * @returns `late` when time was over first
 * @throws the reason of the deadline's `signal`, once that fired; else what `action` throws
 */
export async function withDeadline<Value>(
  { clock, limitMs, signal }: Deadline,
  action: (signal: AbortSignal) => Promise<Value>,
): Promise<{ readonly value: Value } | 'late'> {
  const late = new AbortController()
  const timer = limitMs === undefined ? undefined : clock.setTimer(limitMs, () => late.abort())
  try {
    return { value: await action(AbortSignal.any([late.signal, signal])) }
  } catch (error) {
    signal.throwIfAborted()
    if (late.signal.aborted) return 'late'
    throw error
  } finally {
    timer?.cancel()
  }
}
