/**
 * Chooses how the virtio ports are watched: by events where koffi loads, else on a timer.
 */
import type { Clock, FindKoffi, Log } from '@negotiator/common'
import { importKoffi, sentenceOf } from '@negotiator/common'
import { openEpollReadiness } from './epoll-readiness.js'
import type { Readiness } from './readiness.js'
import { timerReadiness } from './timer-readiness.js'

interface ReadinessOptions {
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had here; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** The best way that this machine offers; says so once if it is the slow one. */
export async function openReadiness({
  clock,
  log,
  findKoffi = importKoffi,
}: ReadinessOptions): Promise<Readiness> {
  try {
    return openEpollReadiness(await findKoffi())
  } catch (error) {
    log.warn('Cannot wait for the virtio ports, so they are looked at on a timer, which is slower', {
      reason: sentenceOf(error),
    })
    return timerReadiness(clock)
  }
}
