/**
 * Tells when something may have changed about a policy's files.
 * Floor 4. It reads none of them, and tells rather too often than too seldom.
 */
import { stat } from 'node:fs/promises'
import { dirname, resolve as absolutePath } from 'node:path'
import type { FSWatcher } from 'chokidar'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'

/** A burst of changes (a package being installed) is told once, so long after its last change. */
const settleMs = 50

/** What is watched, and who is told. */
export interface PolicyWatchOptions {
  /** It may be missing, and so may be what it lies in. */
  readonly folder: string
  readonly shippedFile?: string | undefined
  readonly log: Log
  readonly onChange: () => void
}

/** A watch on a policy's folder and on the shipped file. */
export class PolicyWatch {
  readonly #options: PolicyWatchOptions
  #watcher: FSWatcher | undefined
  /** The folders that are watched now, and which ones they are beside their names. */
  #identity = ''
  #timer: NodeJS.Timeout | undefined
  #checking: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(options: PolicyWatchOptions) {
    this.#options = options
  }

  /** Begins to watch: what changes after this has resolved is told. */
  static async open({ folder, shippedFile, ...others }: PolicyWatchOptions): Promise<PolicyWatch> {
    // chokidar tells of a folder without its trailing slash.
    const shipped = shippedFile === undefined ? undefined : absolutePath(shippedFile)
    const watch = new PolicyWatch({ folder: absolutePath(folder), shippedFile: shipped, ...others })
    await watch.#follow()
    return watch
  }

  /** Stops watching. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#checking
    await this.#watcher?.close()
  }

  #tellSoon(): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#checking = this.#checkAndTell()
    }, settleMs)
  }

  async #checkAndTell(): Promise<void> {
    try {
      await this.#follow()
    } catch (error) {
      this.#warn(error)
    }
    if (!this.#isClosed) this.#options.onChange()
  }

  /** A folder that appears, or is removed and made anew, needs a new watch: the old one is on something that is gone. */
  async #follow(): Promise<void> {
    for (;;) {
      const roots = await rootsOf(this.#options)
      const identity = await identityOf(roots)
      if (identity === this.#identity || this.#isClosed) return
      this.#identity = identity
      await this.#watcher?.close()
      this.#watcher = await this.#watchRoots(roots)
      // Once more, for what has changed until the watch was there.
    }
  }

  async #watchRoots(roots: readonly string[]): Promise<FSWatcher> {
    // Loaded here, for a program that only calls starts faster without it.
    const { watch } = await import('chokidar')
    const { folder, shippedFile } = this.#options
    const watcher = watch([...roots], {
      depth: 0,
      ignoreInitial: true,
      // A folder's neighbours may be many, and never at rest.
      ignored: (path) => !roots.includes(path) && dirname(path) !== folder && path !== shippedFile,
    })
    watcher.on('all', () => this.#tellSoon())
    // chokidar takes a change of mode for a mere reading when the file was read since it was written, and ignores a folder's.
    watcher.on('raw', (_event, _path, details) => {
      const { watchedPath } = details as { readonly watchedPath?: string }
      if (watchedPath !== undefined && roots.includes(watchedPath)) this.#tellSoon()
    })
    watcher.on('error', (error) => this.#warn(error))
    await new Promise<void>((resolve) => watcher.once('ready', resolve))
    return watcher
  }

  #warn(error: unknown): void {
    this.#options.log.warn('Cannot watch the policy folder', { reason: sentenceOf(error) })
  }
}

/** The folder and the one that it lies in, or, while it is missing, the nearest one above that is there. */
async function rootsOf({ folder, shippedFile }: PolicyWatchOptions): Promise<readonly string[]> {
  const shippedFolder = shippedFile === undefined ? [] : [await nearestFolder(dirname(shippedFile))]
  const nearest = await nearestFolder(folder)
  return [...new Set([nearest, ...(nearest === folder ? [dirname(folder)] : []), ...shippedFolder])]
}

async function nearestFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  return isThere || dirname(folder) === folder ? folder : await nearestFolder(dirname(folder))
}

/** An inode's number is given again at once, so its birth tells them apart. One that is gone by now differs from all. */
async function identityOf(roots: readonly string[]): Promise<string> {
  const identities = roots.map(async (root) => {
    const stats = await stat(root, { bigint: true }).catch(() => undefined)
    return `${root} ${stats?.dev} ${stats?.ino} ${stats?.birthtimeNs}`
  })
  return (await Promise.all(identities)).join('\n')
}
