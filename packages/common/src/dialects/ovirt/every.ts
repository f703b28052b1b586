/**
 * Something that is done again and again.
 * Floor 6.
 */
import type { Clock, Timer } from '../../clock.js'

/** Does it each `periodMs`, for the first time when the first period is over. @returns what ends it */
export function every(clock: Clock, periodMs: number, action: () => void): Timer {
  let timer: Timer
  const wait = (): void => {
    timer = clock.setTimer(periodMs, () => {
      wait()
      action()
    })
  }
  wait()
  return { cancel: () => timer.cancel() }
}
