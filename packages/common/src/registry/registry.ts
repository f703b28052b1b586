/**
 * The commands of one side: found by exact name at each call, and told anew whenever a folder changes.
 * Floor 4. A lookup reads the disk, so it is never older than the call; the watched set only serves those who list.
 */
import { mkdir } from 'node:fs/promises'
import { dirname, resolve as absolutePath } from 'node:path'
import type { FSWatcher } from 'chokidar'
import { sentenceOf, systemCodeOf } from '../errors.js'
import type { Log } from '../log.js'
import { isCommandName } from './command.js'
import type { Command, RefusedFile } from './command.js'
import { inspectCommand } from './inspect.js'
import { scanFolders } from './scan.js'
import type { CommandSet } from './scan.js'

/** What a name stands for. */
export type Found =
  | { readonly command: Command }
  | { readonly refused: RefusedFile }
  | { readonly missing: true }

type Subscriber = (set: CommandSet) => void

/** A burst of changes (a package being installed) is read once, so long after its last change. */
const settleMs = 50

interface RegistryParts {
  readonly folders: readonly string[]
  readonly log: Log
  readonly set: CommandSet
  readonly watcher: FSWatcher
}

/** One side's commands. */
export class Registry {
  readonly #folders: readonly string[]
  readonly #log: Log
  readonly #watcher: FSWatcher
  readonly #subscribers = new Set<Subscriber>()
  #set: CommandSet
  #timer: NodeJS.Timeout | undefined
  #isReading = false
  #isStale = false

  private constructor({ folders, log, set, watcher }: RegistryParts) {
    this.#folders = folders
    this.#log = log
    this.#set = set
    this.#watcher = watcher
    this.#watcher.on('all', () => this.#readSoon())
    // chokidar takes a change of mode for a mere reading when the file was read since it was written, and ignores a folder's.
    this.#watcher.on('raw', (_event, _path, details) => {
      const { watchedPath } = details as { readonly watchedPath?: string }
      if (watchedPath !== undefined && folders.includes(watchedPath)) this.#readSoon()
    })
    // Seen through its parent: the folder was removed and made anew, so the watch on the old one is void.
    this.#watcher.on('addDir', (path) => {
      if (folders.includes(path)) watcher.add(path)
    })
    this.#watcher.on('error', (error) =>
      log.warn('Cannot watch a command folder', { reason: sentenceOf(error) }),
    )
  }

  /**
   * Reads the folders, made where they are missing, and begins to watch them.
   * @param options `folders` in search order
   * @throws {SystemError} `command-folder-unreadable`
   */
  static async open({ folders: given, log }: { folders: readonly string[]; log: Log }): Promise<Registry> {
    // chokidar tells of a folder without its trailing slash.
    const folders = given.map((folder) => absolutePath(folder))
    // Loaded here, for a program that only calls starts faster without it.
    const { watch } = await import('chokidar')
    await makeFolders(folders, log)
    const set = await scanFolders(folders)
    const parents = folders.map((folder) => dirname(folder))
    const watcher = watch([...folders, ...parents], {
      depth: 0,
      ignoreInitial: true,
      // A folder's neighbours may be many, and never at rest.
      ignored: (path) =>
        ![path, dirname(path)].some((place) => folders.includes(place)) && !parents.includes(path),
    })
    const ready = new Promise<void>((resolve) => watcher.once('ready', resolve))
    const registry = new Registry({ folders, log, set, watcher })
    registry.#tellRefused(set, [])
    // Of no folders chokidar never gets ready.
    if (folders.length > 0) await ready
    // What changed between the first reading and the watch would otherwise never be seen.
    await registry.#read()
    return registry
  }

  /** The commands as last read. */
  get set(): CommandSet {
    return this.#set
  }

  /** Finds a command by its exact name, on the disk as it is now. */
  async find(name: string): Promise<Found> {
    if (!isCommandName(name)) return { missing: true }
    const found = await this.#look(name)
    // A watch may be slow; who has just called a new command will find it listed.
    if ('command' in found !== this.#set.commands.has(name)) void this.#read()
    return found
  }

  /** Calls `subscriber` on each change, until the returned function is called. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  /** Stops watching. */
  async close(): Promise<void> {
    this.#subscribers.clear()
    await this.#watcher.close()
    clearTimeout(this.#timer)
  }

  async #look(name: string): Promise<Found> {
    for (const folder of this.#folders) {
      const inspected = await inspectCommand({ folder, name })
      if (!('missing' in inspected)) return inspected
    }
    return { missing: true }
  }

  #readSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#read(), settleMs)
  }

  /** One reading at a time; a change during a reading asks for another. */
  async #read(): Promise<void> {
    this.#isStale = true
    if (this.#isReading) return
    this.#isReading = true
    while (this.#isStale) {
      this.#isStale = false
      await this.#readOnce()
    }
    this.#isReading = false
  }

  async #readOnce(): Promise<void> {
    try {
      const set = await scanFolders(this.#folders)
      const previous = this.#set
      this.#set = set
      if (isSameSet(set, previous)) return
      this.#tellRefused(set, previous.refused)
      for (const subscriber of this.#subscribers) subscriber(set)
    } catch (error) {
      this.#log.error('The commands stay as they were', { reason: sentenceOf(error) })
    }
  }

  #tellRefused(set: CommandSet, known: readonly RefusedFile[]): void {
    for (const { path, reason } of set.refused) {
      if (!known.some((file) => file.path === path && file.reason === reason)) {
        this.#log.warn('A file in a command folder is refused', { path, reason })
      }
    }
  }
}

/** chokidar does not see a folder appear below folders that are missing, too; so the folders are made. */
async function makeFolders(folders: readonly string[], log: Log): Promise<void> {
  for (const folder of folders) {
    await mkdir(folder, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
      log.warn(
        'A command folder does not exist and cannot be made; the daemon must be restarted once it is there',
        {
          folder,
          error: systemCodeOf(error),
        },
      )
    })
  }
}

function isSameSet(one: CommandSet, other: CommandSet): boolean {
  return (
    JSON.stringify([[...one.commands.values()], one.refused]) ===
    JSON.stringify([[...other.commands.values()], other.refused])
  )
}
