/**
 * Time as something that is passed in, so that tests can own it.
 * Floor 0. Nothing else in the project reads a clock or sets a timer of its own.
 */
import { performance } from 'node:perf_hooks'

/** A timer that has been set. */
export interface Timer {
  /** Forgets the timer; harmless after it fired. */
  cancel(): void
}

/** A monotonic clock: it never jumps with the wall clock. */
export interface Clock {
  /** Milliseconds since an arbitrary start, with fractions. */
  now(): number
  /** Calls `action` once after `delayMs`. */
  setTimer(delayMs: number, action: () => void): Timer
}

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: setSystemTimer,
}

/** Node's timers count to 2^31 - 1 ms, some 24 days, and fire at once beyond that. */
const nodeTimerMsMax: number = 2 ** 31 - 1

function setSystemTimer(delayMs: number, action: () => void): Timer {
  let timeout: NodeJS.Timeout
  const wait = (leftMs: number): void => {
    const nowMs = Math.min(leftMs, nodeTimerMsMax)
    timeout = setTimeout(() => (leftMs > nowMs ? wait(leftMs - nowMs) : action()), nowMs)
  }
  wait(delayMs)
  return { cancel: () => clearTimeout(timeout) }
}

/**
 * Waits on a clock.
 * @param wait `delayMs` in milliseconds, and a `signal` that ends the wait early
 * @returns when the time is over or the signal fired, whichever comes first
 */
export async function delay(
  clock: Clock,
  { delayMs, signal }: { delayMs: number; signal?: AbortSignal },
): Promise<void> {
  if (signal?.aborted === true) return
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = clock.setTimer(delayMs, finish)
    signal?.addEventListener('abort', finish)
  })
}

/**
 * Waits for something, for a limited time.
 * @param wait a `promise`, and `timeoutMs` in milliseconds; `undefined`: no limit
 * @returns its `value`; `undefined` when time was over first, and then nobody hears of its end
 */
export async function inTime<Value>(
  clock: Clock,
  { promise, timeoutMs }: { promise: Promise<Value>; timeoutMs: number | undefined },
): Promise<{ readonly value: Value } | undefined> {
  if (timeoutMs === undefined) return { value: await promise }
  let timer: Timer | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = clock.setTimer(timeoutMs, () => resolve(undefined))
  })
  try {
    return await Promise.race([promise.then((value) => ({ value })), late])
  } finally {
    timer?.cancel()
  }
}
