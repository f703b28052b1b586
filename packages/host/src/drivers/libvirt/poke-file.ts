/**
 * The file that libvirt's hook touches when a domain changes: a sign to look, without a word of who or what.
 * @see packaging/libvirt/hooks/qemu.d/negotiator
 */
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { sentenceOf } from '@negotiator/common'
import type { Log } from '@negotiator/common'

interface PokeFileOptions {
  /** The file; it need not exist, and may come and go. */
  readonly path: string
  readonly log: Log
  readonly onPoke: () => void
}

/** Watches one file, from its start to its end. */
export class PokeFile {
  readonly #options: PokeFileOptions
  #watcher: FSWatcher | undefined

  constructor(options: PokeFileOptions) {
    this.#options = options
    this.arm()
  }

  /** Watches again, should the folder have been missing. */
  arm(): void {
    if (this.#watcher !== undefined) return
    const { path, log, onPoke } = this.#options
    try {
      // The folder is watched, for a file that is made anew is another file.
      this.#watcher = watch(dirname(path), (_event, name) => {
        if (name === basename(path)) onPoke()
      })
      this.#watcher.on('error', (error) => {
        log.debug("libvirt's hook cannot be heard", { reason: sentenceOf(error) })
        this.close()
      })
    } catch (error) {
      log.debug("libvirt's hook cannot be heard", { reason: sentenceOf(error) })
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
