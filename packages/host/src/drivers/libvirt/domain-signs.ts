/**
 * Signs that a domain may be otherwise than it was, for whoever waits for one: libvirt's events, and a look from time to time.
 * One stream of events serves all who wait, and ends with the last of them.
 */
import { delay } from '@negotiator/common'
import type { Clock, Log, Timer } from '@negotiator/common'
import { DomainEvents } from './domain-events.js'
import { namesIn } from './event-line.js'

interface DomainSignsOptions {
  readonly uri: string
  readonly clock: Clock
  readonly log: Log
  /** The program `virsh`; tests give their own. */
  readonly program?: string | undefined
}

/** One who waits. */
export interface Listening {
  /** Resolves at the next sign since the last one; at once when it has been by now, or when the signal fires. */
  heard(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A net for what no event tells. */
const lookAgainMs = 60_000

/** Within this virsh has asked for the events that it says it is up for; what happened before is then looked for. */
const registeredMs = 1_000

/** The name of the domain, as far as it is known by now. */
type NameNow = () => string | undefined

class Listener {
  readonly nameNow: NameNow
  #sign = new AbortController()

  constructor(nameNow: NameNow) {
    this.nameNow = nameNow
  }

  wake(): void {
    this.#sign.abort()
  }

  async heard(clock: Clock, signal: AbortSignal): Promise<void> {
    await delay(clock, { delayMs: lookAgainMs, signal: AbortSignal.any([this.#sign.signal, signal]) })
    this.#sign = new AbortController()
  }
}

/** The signs of one libvirt. */
export class DomainSigns {
  readonly #options: DomainSignsOptions
  readonly #listeners = new Set<Listener>()
  #events: { readonly events: DomainEvents; readonly started: Promise<void> } | undefined
  #registered: Timer | undefined

  constructor(options: DomainSignsOptions) {
    this.#options = options
  }

  /** Begins to listen for a domain's sake; as long as it has no name, whatever happens to any domain is a sign. */
  async listen(nameNow: NameNow): Promise<Listening> {
    const { clock } = this.#options
    const listener = new Listener(nameNow)
    this.#listeners.add(listener)
    this.#events ??= this.#begin()
    await this.#events.started
    return {
      heard: async (signal) => await listener.heard(clock, signal),
      close: async () => {
        this.#listeners.delete(listener)
        if (this.#listeners.size === 0) await this.#end()
      },
    }
  }

  #begin(): { readonly events: DomainEvents; readonly started: Promise<void> } {
    const { clock } = this.#options
    const events = new DomainEvents({
      ...this.#options,
      onEvent: (line) => this.#wake((name) => namesIn(line, [name]).length > 0),
      onUp: () => {
        this.#wake()
        this.#registered?.cancel()
        this.#registered = clock.setTimer(registeredMs, () => this.#wake())
      },
      onDown: () => this.#wake(),
    })
    return { events, started: events.start() }
  }

  async #end(): Promise<void> {
    const events = this.#events
    this.#events = undefined
    this.#registered?.cancel()
    await events?.events.close()
  }

  #wake(isMeant: (name: string) => boolean = () => true): void {
    for (const listener of this.#listeners) {
      const name = listener.nameNow()
      if (name === undefined || isMeant(name)) listener.wake()
    }
  }
}
