/**
 * Counts the connections to the control socket, so that no user shuts out the others.
 * Floor 7. Pure. It knows users by their number; who they are is local-users.ts's.
 */
import { controlConnectionsMax, controlConnectionsPerUserMax } from './limits.js'

interface DoorkeeperOptions {
  /** All connections at once; root and `ownUserId` are not bound by it. */
  readonly countMax?: number
  /** Of each user. */
  readonly perUserMax?: number
  /** The user that the daemon runs as. */
  readonly ownUserId: number
}

/** Lets connections in, or not. */
export class Doorkeeper {
  readonly #options: Required<DoorkeeperOptions>
  readonly #countByUser = new Map<number | undefined, number>()
  #count = 0

  constructor({
    countMax = controlConnectionsMax,
    perUserMax = controlConnectionsPerUserMax,
    ownUserId,
  }: DoorkeeperOptions) {
    this.#options = { countMax, perUserMax, ownUserId }
  }

  /** Those that were let in and have not left. */
  get count(): number {
    return this.#count
  }

  /**
   * Lets a connection in.
   * @param userId `undefined` when nobody can be told apart: then only the total counts
   * @returns why not, as the end of a sentence; `undefined` when it is in, and must {@link leave}
   */
  enter(userId: number | undefined): string | undefined {
    const { countMax, perUserMax, ownUserId } = this.#options
    const ofUser = this.#countByUser.get(userId) ?? 0
    const isReserved = userId === 0 || userId === ownUserId
    if (userId !== undefined && ofUser >= perUserMax) return `user ${userId} has ${perUserMax} already`
    if (!isReserved && this.#count >= countMax) return `there are ${countMax} already`
    this.#count += 1
    this.#countByUser.set(userId, ofUser + 1)
    return undefined
  }

  /** A connection is over. */
  leave(userId: number | undefined): void {
    const left = (this.#countByUser.get(userId) ?? 0) - 1
    this.#count -= 1
    if (left > 0) this.#countByUser.set(userId, left)
    else this.#countByUser.delete(userId)
  }
}
