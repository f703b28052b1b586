/**
 * A log that one peer cannot fill: so many lines at once, then so many a second, and a count of those left out.
 * Floor 0. Each peer has a wrapper of its own, so that a noisy one silences nobody else. Debug lines pass and cost nothing,
 * for whoever asks for them wants them all.
 */
import type { Clock } from './clock.js'
import type { Log, LogFields, LogLevel } from './log.js'

/** What a limited log needs. */
interface LogLimitOptions {
  readonly log: Log
  readonly clock: Clock
  /** Lines that may come at once. */
  readonly burstLines?: number
  /** Lines a second from then on. */
  readonly linesPerSecond?: number
  /** Said beside the count of lines that were left out: whose they were. */
  readonly fields?: LogFields
}

/** Wraps a log. Lines beyond the limit are counted; the next line that passes is preceded by their number. */
export function limitLog(options: LogLimitOptions): Log {
  const limit = new LogLimit(options)
  const at =
    (level: LogLevel) =>
    (sentence: string, fields?: LogFields): void =>
      limit.write(level, { sentence, fields })
  const debug = (sentence: string, fields?: LogFields): void => options.log.debug(sentence, fields)
  return { error: at('error'), warn: at('warn'), info: at('info'), debug }
}

class LogLimit {
  readonly #options: Required<LogLimitOptions>
  #left: number
  #filledMs: number
  #leftOut = 0

  constructor({ burstLines = 20, linesPerSecond = 1, fields = {}, ...options }: LogLimitOptions) {
    this.#options = { ...options, burstLines, linesPerSecond, fields }
    this.#left = burstLines
    this.#filledMs = options.clock.now()
  }

  write(level: LogLevel, { sentence, fields }: { sentence: string; fields: LogFields | undefined }): void {
    this.#fill()
    if (this.#left < 1) {
      this.#leftOut += 1
      return
    }
    this.#left -= 1
    this.#tellLeftOut()
    this.#options.log[level](sentence, fields)
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return
    const { log, fields } = this.#options
    log.warn('Lines were left out, for there were too many', { ...fields, count: this.#leftOut })
    this.#leftOut = 0
  }

  #fill(): void {
    const { clock, burstLines, linesPerSecond } = this.#options
    const nowMs = clock.now()
    this.#left = Math.min(burstLines, this.#left + ((nowMs - this.#filledMs) * linesPerSecond) / 1000)
    this.#filledMs = nowMs
  }
}
