/**
 * A log that one source cannot fill: a burst passes, then a line each second, and the next line that passes tells how many
 * were left out.
 * Floor 0. It never delays a line and keeps none: what is left out is only counted.
 */
import type { Clock } from './clock.js'
import { logBurstMax, logLineMs } from './limits.js'
import type { Log, LogFields, LogLevel } from './log.js'

/**
 * Limits what passes into a log, for all that is written through the log that comes back.
 * Debug lines have a measure of their own: they are seldom shown, and unseen ones must not cost those that are.
 * @param log where the lines go
 * @param clock measures the time between them
 * @returns a log whose lines carry `leftOut`, a count, when lines before them did not pass
 */
export function limitLog(log: Log, clock: Clock): Log {
  const shown = new LineAllowance(clock)
  const debug = new LineAllowance(clock)
  const at =
    (level: LogLevel, allowance: LineAllowance) =>
    (sentence: string, fields?: LogFields): void => {
      const leftOut = allowance.take()
      if (leftOut === undefined) return
      log[level](sentence, leftOut > 0 ? { ...fields, leftOut } : fields)
    }
  return {
    error: at('error', shown),
    warn: at('warn', shown),
    info: at('info', shown),
    debug: at('debug', debug),
  }
}

/** How many lines may still pass, and how many did not. */
class LineAllowance {
  readonly #clock: Clock
  #lines = logBurstMax
  #filledMs: number
  #leftOut = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#filledMs = clock.now()
  }

  /** @returns how many were left out since the last line that passed; `undefined`: this one is left out, too */
  take(): number | undefined {
    this.#fill()
    if (this.#lines < 1) {
      this.#leftOut += 1
      return undefined
    }
    this.#lines -= 1
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }

  #fill(): void {
    const nowMs = this.#clock.now()
    this.#lines = Math.min(logBurstMax, this.#lines + (nowMs - this.#filledMs) / logLineMs)
    this.#filledMs = nowMs
  }
}
