/**
 * Keeps one link for each guest that the drivers find: made when it comes, closed when it goes.
 * A guest is known by its uuid, or by its name where it has none; its sockets may move, its trouble is its own.
 */
import type { Agent, Clock, Log } from '@negotiator/common'
import { sentenceOf } from '@negotiator/common'
import type { Driver, FoundGuest } from '../drivers/driver.js'
import { keepGuest } from './kept-guest.js'
import type { KeptGuest } from './kept-guest.js'

interface GuestKeeperOptions {
  readonly agent: Agent
  readonly drivers: readonly Driver[]
  readonly clock: Clock
  readonly log: Log
}

interface KnownDriver {
  readonly driver: Driver
  guests: readonly FoundGuest[]
  problem: string | undefined
}

/** All guests of the host. */
export class GuestKeeper {
  readonly #options: GuestKeeperOptions
  readonly #known: readonly KnownDriver[]
  readonly #kept = new Map<string, KeptGuest>()
  /** Uuids that two guests have, once told. */
  readonly #twins = new Set<string>()
  readonly #stop = new AbortController()
  readonly #unwatch: (() => Promise<void>)[] = []
  #work: Promise<void> = Promise.resolve()

  constructor(options: GuestKeeperOptions) {
    this.#options = options
    this.#known = options.drivers.map((driver) => ({ driver, guests: [], problem: undefined }))
  }

  /** Finds the guests and goes on watching; a driver that fails is told in the log and tried again at its next change. */
  async start(): Promise<void> {
    for (const known of this.#known) {
      this.#unwatch.push(await known.driver.watch(() => this.#lookSoon(known)))
      this.#lookSoon(known)
    }
    await this.#work
  }

  /** Each driver with its guests' number and its problem, for `status`. */
  driverStatus(): readonly {
    readonly name: string
    readonly guests: number
    readonly problem?: string | undefined
  }[] {
    return this.#known.map(({ driver, guests, problem }) => ({
      name: driver.name,
      guests: guests.length,
      problem,
    }))
  }

  /** Stops watching and closes all links. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const unwatch of this.#unwatch) await unwatch()
    await this.#work
    await Promise.all([...this.#kept.values()].map(async (kept) => await kept.close()))
    this.#kept.clear()
  }

  /** One look after the other: two at once could make two links for one guest. */
  #lookSoon(known: KnownDriver): void {
    this.#work = this.#work.then(async () => await this.#look(known))
  }

  async #look(known: KnownDriver): Promise<void> {
    if (this.#stop.signal.aborted) return
    try {
      known.guests = await known.driver.list(this.#stop.signal)
      known.problem = undefined
    } catch (error) {
      const problem = sentenceOf(error)
      if (problem !== known.problem && !this.#stop.signal.aborted)
        this.#options.log.warn(problem, { driver: known.driver.name })
      known.problem = problem
      return
    }
    await this.#reconcile()
  }

  /** Two guests cannot have one uuid: the one that we keep already stays, else the first. */
  #found(): ReadonlyMap<string, FoundGuest> {
    const found = new Map<string, FoundGuest>()
    for (const guest of this.#known.flatMap(({ guests }) => guests)) {
      const key = keyOf(guest)
      const other = found.get(key)
      const kept = this.#kept.get(key)
      if (other === undefined || (kept !== undefined && isSame(guest, kept.guest))) found.set(key, guest)
      if (other !== undefined && !isSame(guest, other)) this.#tellTwins(key, guest.name)
    }
    return found
  }

  #tellTwins(uuid: string, name: string): void {
    if (this.#twins.has(uuid)) return
    this.#twins.add(uuid)
    this.#options.log.warn(
      'Two guests have the same uuid, and only one of them is served; give one another',
      { uuid, name },
    )
  }

  async #reconcile(): Promise<void> {
    if (this.#stop.signal.aborted) return
    const found = this.#found()
    for (const [key, kept] of this.#kept) {
      const guest = found.get(key)
      if (guest !== undefined && isSame(guest, kept.guest)) continue
      this.#kept.delete(key)
      this.#options.log.info('A guest has gone', { guest: kept.guest.name })
      await kept.close()
    }
    for (const [key, guest] of found) {
      if (this.#kept.has(key)) continue
      this.#options.log.info('A guest was found', { guest: guest.name, uuid: guest.uuid })
      this.#kept.set(key, keepGuest({ ...this.#options, guest }))
    }
  }
}

/** A guest without a uuid is known by its name and where its channels are. */
function keyOf(guest: FoundGuest): string {
  return guest.uuid ?? JSON.stringify([guest.name, guest.sockets])
}

function isSame(one: FoundGuest, other: FoundGuest): boolean {
  return JSON.stringify([one.name, one.sockets]) === JSON.stringify([other.name, other.sockets])
}
