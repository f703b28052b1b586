/**
 * Carries what a module prints on its console to the daemon's log: line by line, cut, and no more than so many in a while.
 * Floor 4. Nothing of it goes to a caller.
 */
import type { Readable } from 'node:stream'
import type { Clock } from '../clock.js'
import { moduleLogLineLengthMax, moduleLogLinesMax, moduleLogPeriodMs } from './module-limits.js'
import type { Log } from '../log.js'

interface ModuleLogOptions {
  readonly name: string
  readonly log: Log
  readonly clock: Clock
}

/** One worker's part of the log. */
export class ModuleLog {
  readonly #options: ModuleLogOptions
  #periodStartMs: number
  #lineCount = 0

  constructor(options: ModuleLogOptions) {
    this.#options = options
    this.#periodStartMs = options.clock.now()
  }

  /** Logs all that a stream of the console gives. */
  listen(console: Readable): void {
    console.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) if (line !== '') this.#print(line)
    })
  }

  #print(line: string): void {
    const { name, log, clock } = this.#options
    if (clock.now() - this.#periodStartMs >= moduleLogPeriodMs) {
      this.#periodStartMs = clock.now()
      this.#lineCount = 0
    }
    this.#lineCount += 1
    if (this.#lineCount <= moduleLogLinesMax)
      log.info('A module printed', { module: name, text: line.slice(0, moduleLogLineLengthMax) })
    if (this.#lineCount === moduleLogLinesMax + 1)
      log.warn('A module prints too much; the rest of this minute is dropped', { module: name })
  }
}
