/**
 * A log for what local programs can bring about at will: a few lines a minute, then how many were left out.
 * Floor 7. Whoever could fill the log could fill the disk, and hide what matters in it.
 */
import type { Clock } from '../clock.js'
import type { Log, LogFields } from '../log.js'

interface SparingLogOptions {
  readonly log: Log
  readonly clock: Clock
}

const periodMs = 60_000
const linesMax = 10

/** Makes such a log of another one. */
export function sparingLog({ log, clock }: SparingLogOptions): Log {
  let sinceMs = Number.NEGATIVE_INFINITY
  let lineCount = 0
  const mayWrite = (): boolean => {
    const nowMs = clock.now()
    if (nowMs - sinceMs >= periodMs) {
      if (lineCount > linesMax)
        log.warn('Lines about local programs were left out', { lines: lineCount - linesMax })
      sinceMs = nowMs
      lineCount = 0
    }
    lineCount += 1
    return lineCount <= linesMax
  }
  const at =
    (level: keyof Log) =>
    (sentence: string, fields?: LogFields): void => {
      if (mayWrite()) log[level](sentence, fields)
    }
  // Whoever asks for these has them all.
  const debug: Log['debug'] = (sentence, fields) => log.debug(sentence, fields)
  return { error: at('error'), warn: at('warn'), info: at('info'), debug }
}
