/**
 * Readiness where koffi cannot load: the ports are looked at on a timer that slows down while nothing happens.
 * Portable and slower: a quiet port answers up to 50 ms late.
 */
import type { Clock } from '@negotiator/common'
import type { Readiness } from './readiness.js'

const shortestMs = 1
const longestMs = 50

/** Looks at each watched port again and again. */
export function timerReadiness(clock: Clock): Readiness {
  const stops = new Set<() => void>()
  return {
    watch: (_descriptor, onReady) => {
      const stop = lookAgainAndAgain(clock, onReady)
      stops.add(stop)
      return () => {
        stop()
        stops.delete(stop)
      }
    },
    isQuiet: () => false,
    close: () => {
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}

function lookAgainAndAgain(clock: Clock, look: () => boolean): () => void {
  let isStopped = false
  let delayMs = shortestMs
  let timer = clock.setTimer(delayMs, lookOnce)
  function lookOnce(): void {
    delayMs = look() ? shortestMs : Math.min(longestMs, delayMs * 2)
    // Who was told may have ended the watch.
    if (!isStopped) timer = clock.setTimer(delayMs, lookOnce)
  }
  return () => {
    isStopped = true
    timer.cancel()
  }
}
