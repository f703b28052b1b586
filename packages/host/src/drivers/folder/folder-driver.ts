/**
 * Guests whose sockets lie as `DIR/GUEST/CHANNEL.sock`: plain QEMU started by scripts, containers, tests.
 */
import type { Clock, Log, SocketFolders } from '@negotiator/common'
import { readSocketFolder, sentenceOf, SystemError, systemCodeOf } from '@negotiator/common'
import { ChangeWatch } from '../change-watch.js'
import type { Driver, FoundGuest } from '../driver.js'
import { FolderEvents } from './folder-events.js'

interface FolderDriverOptions {
  /** An absolute path to a folder with a folder for each guest; it may appear later. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
}

/** A machine that is being started makes both its sockets in one go: they are told as one change. */
const settleMs = 50

/** A net for what the kernel tells nobody of: a mount, a folder moved away with those above it, a network's file system. */
const lookAgainMs = 10_000

/** Makes the driver of a folder. */
export function createFolderDriver(options: FolderDriverOptions): Driver {
  return new FolderDriver(options)
}

class FolderDriver implements Driver {
  readonly name: string
  readonly #options: FolderDriverOptions
  readonly #watches = new Set<ChangeWatch>()
  #problems: readonly string[] = []

  constructor(options: FolderDriverOptions) {
    this.name = `folder:${options.folder}`
    this.#options = options
  }

  async list(signal: AbortSignal): Promise<readonly FoundGuest[]> {
    signal.throwIfAborted()
    const read = await this.#read()
    signal.throwIfAborted()
    for (const watch of this.#watches) watch.noteListed(stateOf(read))
    if (read instanceof SystemError) throw read
    for (const problem of read.problems) {
      if (!this.#problems.includes(problem)) this.#options.log.warn(problem)
    }
    this.#problems = read.problems
    return read.guests
  }

  async watch(onChange: () => void): Promise<() => Promise<void>> {
    const { folder, clock, log } = this.#options
    const look = async (): Promise<string> => {
      await events.arm()
      return stateOf(await this.#read())
    }
    const watch = new ChangeWatch({ look, onChange, intervalMs: lookAgainMs, clock })
    const events = new FolderEvents({ folder, log, onEvent: () => watch.lookSoon(settleMs) })
    this.#watches.add(watch)
    await watch.start()
    return async () => {
      this.#watches.delete(watch)
      await watch.close()
      events.close()
    }
  }

  async #read(): Promise<SocketFolders | SystemError> {
    const { folder } = this.#options
    return await readSocketFolder(folder).catch((cause: unknown) => listError(folder, cause))
  }
}

/** What a change is told by. */
function stateOf(read: SocketFolders | SystemError): string {
  return read instanceof SystemError ? read.message : JSON.stringify(read.guests)
}

const explanations: Readonly<Record<string, readonly [code: string, why: string]>> = {
  ENOENT: [
    'guest-folder-missing',
    'the folder does not exist; create it or change "drivers" in the configuration',
  ],
  ENOTDIR: ['guest-folder-unreadable', 'it is not a folder; change "drivers" in the configuration'],
  EACCES: [
    'guest-folder-unreadable',
    'permission denied; run as root or as a member of the group that owns it',
  ],
}

function listError(folder: string, cause: unknown): SystemError {
  const [code, why] = explanations[systemCodeOf(cause) ?? ''] ?? [
    'guest-folder-unreadable',
    sentenceOf(cause),
  ]
  return new SystemError(`Cannot list the guests in "${folder}": ${why}`, { code, cause })
}
