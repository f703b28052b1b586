/**
 * Keeps what a machine prints on its first serial port: the kernel's messages and the start script's output.
 *
 * For printing when a test fails, and for waiting until something is printed. It keeps the end when there is much.
 */
import type { Readable } from 'node:stream'

const keptCharactersMax = 4 * 1024 * 1024

/** What a machine has printed. */
export class MachineLog {
  readonly #watchers = new Set<() => void>()
  #kept = ''
  #dropped = 0

  /** @param output the host's end of the guest's first serial port */
  constructor(output: Readable) {
    output.setEncoding('utf8')
    output.on('data', (text: string) => this.#append(text))
  }

  /** All that is kept. */
  get text(): string {
    return this.#kept
  }

  /** The position at which the next output begins. */
  get end(): number {
    return this.#dropped + this.#kept.length
  }

  /** @returns the last lines, fewer when there are not so many */
  tail(lineCount: number): string {
    return this.#kept.trimEnd().split('\n').slice(-lineCount).join('\n')
  }

  /**
   * Waits until the machine prints something.
   *
   * @param options.from position where to begin looking, 0 for all that is kept
   * @param options.signal ends the waiting
   * @returns what matched; at once when it is there
   */
  async waitFor(
    pattern: RegExp,
    { from = 0, signal }: { from?: number; signal: AbortSignal },
  ): Promise<string> {
    return await new Promise((resolve, reject) => {
      const finish = (): void => {
        this.#watchers.delete(look)
        signal.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        finish()
        reject(new Error(`Cannot find ${pattern} in the machine's log, which ends:\n${this.tail(20)}`))
      }
      const look = (): void => {
        const match = pattern.exec(this.#kept.slice(Math.max(0, from - this.#dropped)))
        if (match === null) return
        finish()
        resolve(match[0])
      }
      if (signal.aborted) return abort()
      this.#watchers.add(look)
      signal.addEventListener('abort', abort)
      look()
    })
  }

  #append(text: string): void {
    this.#kept += text
    const excess = this.#kept.length - keptCharactersMax
    if (excess > 0) {
      this.#kept = this.#kept.slice(excess)
      this.#dropped += excess
    }
    for (const look of this.#watchers) look()
  }
}
