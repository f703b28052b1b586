/**
 * Waits until something happens to a file or to what rotation makes of it.
 * Floor 8. The kernel tells; where it cannot, for its watches are used up, a timer looks.
 */
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { delay } from '../../clock.js'
import type { Clock } from '../../clock.js'
import { auditPollMs } from '../../limits.js'

interface FileChangesOptions {
  readonly path: string
  readonly clock: Clock
  /** How a folder is watched; tests give a kernel that cannot. */
  readonly watchFolder?: typeof watch
}

/** What has happened to a file since it was last asked. */
export class FileChanges {
  readonly #clock: Clock
  #watcher: FSWatcher | undefined
  #isChanged = false
  #wake: () => void = () => undefined

  constructor({ path, clock, watchFolder = watch }: FileChangesOptions) {
    this.#clock = clock
    try {
      // The folder, for the file of this name may be another one soon.
      this.#watcher = watchFolder(dirname(path), (_event, name) => {
        if (name === null || name.startsWith(basename(path))) this.#changed()
      })
      this.#watcher.on('error', () => this.#fall())
    } catch {
      this.#fall()
    }
  }

  /** Waits for the next change since the last wait, or until the signal fires. */
  async next(signal: AbortSignal): Promise<void> {
    if (this.#watcher === undefined) return await delay(this.#clock, { delayMs: auditPollMs, signal })
    if (!this.#isChanged && !signal.aborted) await this.#wait(signal)
    this.#isChanged = false
  }

  close(): void {
    this.#watcher?.close()
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake()
    signal.addEventListener('abort', wake)
    await new Promise<void>((resolve) => (this.#wake = resolve))
    signal.removeEventListener('abort', wake)
  }

  #changed(): void {
    this.#isChanged = true
    this.#wake()
  }

  #fall(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.#changed()
  }
}
