/**
 * Removes answers that no host fetches: OpenStack's own read them and leave them, until a domain's share of XenStore is full.
 * Floor 6. Those that were there before us count from when we found them.
 */
import type { Clock, Timer } from '../../clock.js'
import { xenStoreAnswerKeptMs, xenStoreAnswersKeptMax } from '../xen-limits.js'
import type { Nodes } from './store.js'

interface KeeperOptions {
  readonly store: Nodes
  /** The node that they lie below. */
  readonly path: string
  readonly clock: Clock
  readonly onFault: (error: unknown) => void
}

/** Keeps each answer for a time. */
export class AnswerKeeper {
  readonly #options: KeeperOptions
  /** Oldest first. */
  readonly #kept = new Map<string, Timer>()

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** Takes over what a daemon before us has left. */
  async begin(): Promise<void> {
    const { store, path } = this.#options
    for (const name of (await store.list(path)) ?? []) this.keep(name)
  }

  /** From now on it is there for so long, unless there are too many after it. */
  keep(name: string): void {
    this.#kept.get(name)?.cancel()
    this.#kept.delete(name)
    this.#kept.set(
      name,
      this.#options.clock.setTimer(xenStoreAnswerKeptMs, () => this.#remove(name)),
    )
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size > xenStoreAnswersKeptMax) this.#remove(oldest)
  }

  close(): void {
    for (const timer of this.#kept.values()) timer.cancel()
    this.#kept.clear()
  }

  #remove(name: string): void {
    const { store, path, onFault } = this.#options
    this.#kept.get(name)?.cancel()
    this.#kept.delete(name)
    store.remove(`${path}/${name}`).catch(onFault)
  }
}
