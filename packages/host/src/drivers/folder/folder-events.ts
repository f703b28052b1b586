/**
 * Events of a folder of guests: of the folder, of the guests' folders in it, and, while it is missing, of the folder above.
 * `arm` makes it fit what is there; it is called again after each event. It does not say what has changed.
 *
 * Not chokidar, though it sees sockets: it loses a folder that is removed and made anew at once, as a service's restart does
 * below /run, and one whose parent is missing, too; and it watches every single file, disk images among them.
 */
import { watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '@negotiator/common'
import { isGuestFile, systemCodeOf } from '@negotiator/common'

/**
 * Watches one folder until it is closed: the listener is told the names of what changes, or nothing when that is unknown.
 * @throws Error with a system's code
 */
export type WatchFolder = (folder: string, listener: (name: string | null) => void) => { close(): void }

interface FolderEventsOptions {
  readonly folder: string
  readonly log: Log
  /** Something may have changed. */
  readonly onEvent: () => void
  /** The kernel's watch unless given; tests give their own. */
  readonly watchFolder?: WatchFolder
}

/** The kernel's watches on one folder of guests. */
export class FolderEvents {
  readonly #options: FolderEventsOptions
  readonly #watchFolder: WatchFolder
  #watchers: ReturnType<WatchFolder>[] = []
  #isShort = false

  constructor({ watchFolder = kernelWatch, ...options }: FolderEventsOptions) {
    this.#options = options
    this.#watchFolder = watchFolder
  }

  /**
   * Watches what is there now. Whoever reads the folder afterwards misses nothing: what came before is read, what comes
   * later is an event.
   */
  async arm(): Promise<void> {
    const { folder } = this.#options
    const previous = this.#watchers
    this.#watchers = []
    this.#watchNearest(folder, () => true)
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []) // Its reader tells why.
    for (const entry of entries) {
      if (entry.isDirectory() || entry.isSymbolicLink()) this.#watch(join(folder, entry.name), isGuestFile)
    }
    // All anew, and the old ones last: a path may have become another folder, and no event falls between.
    for (const watcher of previous) watcher.close()
  }

  /** Ends all events. */
  close(): void {
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }

  /** Watches a folder or, when it is missing, the nearest one above it, where it will appear. */
  #watchNearest(folder: string, isRelevant: (name: string) => boolean): void {
    if (this.#watch(folder, isRelevant)) return
    const above = dirname(folder)
    if (above === folder) return
    this.#watchNearest(above, (name) => name === basename(folder))
    // It may have appeared before the one above was watched.
    this.#watch(folder, isRelevant)
  }

  /** @returns whether it is watched now */
  #watch(folder: string, isRelevant: (name: string) => boolean): boolean {
    const { onEvent } = this.#options
    try {
      const watcher = this.#watchFolder(folder, (name) => {
        // By its own name a folder tells that it was removed or moved away.
        if (name === null || name === basename(folder) || isRelevant(name)) onEvent()
      })
      this.#watchers.push(watcher)
      return true
    } catch (error) {
      this.#tellShortage(folder, systemCodeOf(error))
      return false
    }
  }

  #tellShortage(folder: string, code: string | undefined): void {
    if (this.#isShort || (code !== 'ENOSPC' && code !== 'EMFILE')) return
    this.#isShort = true
    this.#options.log.warn(
      'Cannot watch all folders of guests, so changes are noticed later; raise fs.inotify.max_user_watches',
      { folder, error: code },
    )
  }
}

/** A watch that breaks is told as an event, so that all is armed anew. */
function kernelWatch(folder: string, listener: (name: string | null) => void): ReturnType<WatchFolder> {
  const watcher = watch(folder, (_event, name) => listener(name))
  watcher.on('error', () => listener(null))
  return watcher
}
