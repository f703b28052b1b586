/**
 * Chooses how the virtio ports are watched: by events where koffi loads, else on a timer.
 */
import type { Clock, Log } from '@negotiator/common'
import { sentenceOf } from '@negotiator/common'
import { openEpollReadiness } from './epoll-readiness.js'
import type { Readiness } from './readiness.js'
import { timerReadiness } from './timer-readiness.js'

/** The best way that this machine offers; says so once if it is the slow one. */
export async function openReadiness({ clock, log }: { clock: Clock; log: Log }): Promise<Readiness> {
  try {
    return await openEpollReadiness()
  } catch (error) {
    log.warn('Cannot wait for the virtio ports, so they are looked at on a timer, which is slower', {
      reason: sentenceOf(error),
    })
    return timerReadiness(clock)
  }
}
