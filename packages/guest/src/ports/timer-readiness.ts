/**
 * Readiness where koffi cannot load: the ports are looked at on a timer that slows down while nothing happens.
 * Portable and slower: a quiet port answers up to 50 ms late.
 */
import type { Readiness } from './readiness.js'

const shortestMs = 1
const longestMs = 50

/** Looks at each watched port again and again. */
export function timerReadiness(): Readiness {
  const stops = new Set<() => void>()
  return {
    watch: (_descriptor, onReady) => {
      const stop = lookAgainAndAgain(onReady)
      stops.add(stop)
      return () => {
        stop()
        stops.delete(stop)
      }
    },
    close: () => {
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}

function lookAgainAndAgain(look: () => void): () => void {
  let delayMs = shortestMs
  let timer = setTimeout(lookOnce, delayMs)
  function lookOnce(): void {
    look()
    delayMs = Math.min(longestMs, delayMs * 2)
    timer = setTimeout(lookOnce, delayMs)
  }
  return () => clearTimeout(timer)
}
