/**
 * Keeps one link for each guest that the drivers find: made when it comes, closed when it goes.
 * A guest is known by its uuid, or by its name where it has none; its sockets may move, its trouble is its own.
 */
import type { Agent, Clock, Log, MountSettings, PeerState } from '@negotiator/common'
import { guestPieceBytes, NegotiatorError, ReadTurns, sentenceOf } from '@negotiator/common'
import type { Driver, FoundGuest } from '../drivers/driver.js'
import type { GuestLife } from './guest-life.js'
import { keepGuest } from './kept-guest.js'
import type { GuestMountStatus, KeptGuest } from './kept-guest.js'
import { isSameGuest, mergeGuests } from './merge-guests.js'

interface GuestKeeperOptions {
  readonly agent: Agent
  readonly drivers: readonly Driver[]
  /** Other protocols that are spoken with each guest. */
  readonly dialects?: readonly MountSettings[]
  /** Hears how each guest is, whenever that may have changed. */
  readonly life?: Pick<GuestLife, 'seen'> | undefined
  readonly clock: Clock
  readonly log: Log
}

interface KnownDriver {
  readonly driver: Driver
  guests: readonly FoundGuest[]
  problem: Problem | undefined
}

interface Problem {
  readonly sentence: string
  /** The same problem may be told in other words each time. */
  readonly code: string
}

/** All guests of the host. */
export class GuestKeeper {
  readonly #options: GuestKeeperOptions
  /** All guests share the time for reading: one that sends much delays nobody for longer than a turn. */
  readonly #turns: ReadTurns
  readonly #known: readonly KnownDriver[]
  readonly #kept = new Map<string, KeptGuest>()
  /** Uuids that two guests have, once told. */
  readonly #twins = new Set<string>()
  readonly #stop = new AbortController()
  readonly #unwatch: (() => Promise<void>)[] = []
  #work: Promise<void> = Promise.resolve()

  constructor(options: GuestKeeperOptions) {
    this.#options = options
    this.#turns = new ReadTurns(options.clock, guestPieceBytes)
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
      problem: problem?.sentence,
    }))
  }

  /** Each dialect of each guest, for `status`. */
  dialectStatus(): readonly GuestMountStatus[] {
    return [...this.#kept.values()].flatMap((kept) => kept.dialectStatus())
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
      if (known.problem !== undefined)
        this.#options.log.info('A driver finds guests again', { driver: known.driver.name })
      known.problem = undefined
    } catch (error) {
      const sentence = sentenceOf(error)
      const code = error instanceof NegotiatorError ? error.code : sentence
      if (code !== known.problem?.code && !this.#stop.signal.aborted)
        this.#options.log.warn(sentence, { driver: known.driver.name })
      known.problem = { sentence, code }
      return
    }
    await this.#reconcile()
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
    const keptGuests = new Map([...this.#kept].map(([key, { guest }]) => [key, guest]))
    const found = this.#known.flatMap(({ guests }) => guests)
    const { guests, twins } = mergeGuests(found, keptGuests)
    for (const { uuid, name } of twins) this.#tellTwins(uuid, name)
    for (const [key, kept] of this.#kept) {
      const guest = guests.get(key)
      if (guest !== undefined && isSameGuest(guest, kept.guest)) {
        kept.setState(guest.state)
        continue
      }
      this.#kept.delete(key)
      this.#tellChange(kept.guest, guest)
      await kept.close()
      if (guest === undefined) this.#options.life?.seen(kept.guest, 'gone')
    }
    for (const [key, guest] of guests) {
      if (this.#kept.has(key)) continue
      if (!keptGuests.has(key)) this.#tellChange(undefined, guest)
      const onState = (state: PeerState): void => this.#options.life?.seen(guest, state)
      this.#kept.set(key, keepGuest({ ...this.#options, guest, onState, turns: this.#turns }))
    }
  }

  /** A host may have hundreds of machines that are off: only the others are worth a line. */
  #tellChange(before: FoundGuest | undefined, now: FoundGuest | undefined): void {
    const { log } = this.#options
    if (now === undefined) return log.info('A guest has gone', { guest: before?.name })
    const fields = { guest: now.name, uuid: now.uuid }
    if (now.state === 'off' && before === undefined) log.debug('A guest that is off was found', fields)
    else if (now.state === 'off') log.info('A guest is off', fields)
    else log.info(before === undefined ? 'A guest was found' : 'A guest is elsewhere now', fields)
  }
}
