/**
 * Guests as libvirt's domains: all that are defined, with the sockets of those that run, from their live XML.
 * An event of libvirt, or libvirt's hook, makes it look again; what it then sees is all that counts.
 */
import type { Clock, Log, Timer } from '@negotiator/common'
import { SystemError } from '@negotiator/common'
import type { Driver, FoundGuest } from '../driver.js'
import { DomainEvents } from './domain-events.js'
import { Domains } from './domains.js'
import type { Domain } from './domains.js'
import { namesIn } from './event-line.js'
import { PokeFile } from './poke-file.js'

interface LibvirtDriverOptions {
  /** What it is configured as. */
  readonly name: string
  readonly uri: string
  /** No virsh means no guests, and is no problem. */
  readonly isOptional?: boolean
  /** The file that libvirt's hook touches. */
  readonly pokeFile?: string | undefined
  readonly clock: Clock
  readonly log: Log
  /** The program `virsh`; tests give their own. */
  readonly program?: string | undefined
}

/** The events of one change come together, e.g. six for a start; they are told as one change. */
const settleMs = 100

/** A net for what no event tells. */
const lookAgainMs = 60_000

/** Within this virsh has asked for the events that it says it is up for; what happened before is then looked for. */
const registeredMs = 1_000

/** Makes the driver of one libvirt. */
export function createLibvirtDriver(options: LibvirtDriverOptions): Driver {
  return new LibvirtDriver(options)
}

class LibvirtDriver implements Driver {
  readonly name: string
  readonly #options: LibvirtDriverOptions
  readonly #domains: Domains
  readonly #watchers = new Set<{ readonly onChange: () => void }>()
  /** Whose live XML has to be read at the next look. */
  #changed: Set<string> | 'all' = 'all'
  #watch: Watch | undefined
  readonly #told = new Set<string>()

  constructor(options: LibvirtDriverOptions) {
    this.#options = options
    this.name = options.name
    this.#domains = new Domains(options)
  }

  async list(signal: AbortSignal): Promise<readonly FoundGuest[]> {
    signal.throwIfAborted()
    const changed = this.#watch === undefined ? 'all' : this.#changed
    // What comes while we look is for the next look.
    this.#changed = new Set()
    try {
      const domains = await this.#domains.look(changed, signal)
      return domains.map((domain) => this.#guestOf(domain))
    } catch (error) {
      this.#changed = 'all'
      if (this.#options.isOptional === true && error instanceof SystemError && error.code === 'virsh-missing')
        return []
      throw error
    }
  }

  async watch(onChange: () => void): Promise<() => Promise<void>> {
    const watcher = { onChange }
    this.#watchers.add(watcher)
    this.#watch ??= new Watch({
      ...this.#options,
      onEvent: (line) => this.#noteEvent(line),
      onUnsure: () => (this.#changed = 'all'),
      onChange: () => {
        for (const { onChange } of this.#watchers) onChange()
      },
    })
    await this.#watch.started
    return async () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size > 0) return
      const watch = this.#watch
      this.#watch = undefined
      await watch?.close()
    }
  }

  #noteEvent(line: string): void {
    if (this.#changed === 'all') return
    const uuids = new Map([...this.#domains.known].map(([uuid, { name }]) => [name, uuid]))
    for (const name of namesIn(line, uuids.keys())) this.#changed.add(uuids.get(name) ?? '')
  }

  #guestOf({ name, uuid, state, live }: Domain): FoundGuest {
    if (live === undefined) return { name, uuid, state, sockets: {} }
    if (typeof live === 'string') {
      this.#tell(uuid, { guest: name, reason: live })
      return { name, uuid, state, sockets: {} }
    }
    for (const [channel, reason] of Object.entries(live.unreachable)) {
      this.#tell(uuid, { guest: name, channel, reason })
    }
    return { name, uuid, state, sockets: live.sockets }
  }

  #tell(uuid: string, fields: Readonly<Record<string, string>>): void {
    const key = JSON.stringify([uuid, fields])
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#options.log.warn('A channel of a guest cannot be used', fields)
  }
}

interface WatchOptions extends LibvirtDriverOptions {
  readonly onEvent: (line: string) => void
  /** Anything may have changed. */
  readonly onUnsure: () => void
  readonly onChange: () => void
}

/** One watch for all who watch: events, hook and a look from time to time. */
class Watch {
  readonly started: Promise<void>
  readonly #options: WatchOptions
  readonly #events: DomainEvents
  readonly #poke: PokeFile | undefined
  #soon: Timer | undefined
  #again: Timer | undefined
  #registered: Timer | undefined
  #isClosed = false

  constructor(options: WatchOptions) {
    this.#options = options
    this.#events = new DomainEvents({
      ...options,
      onEvent: (line) => {
        options.onEvent(line)
        this.#changeSoon()
      },
      onUp: () => this.#up(),
      onDown: () => this.#unsure(),
    })
    const { pokeFile, log } = options
    if (pokeFile !== undefined)
      this.#poke = new PokeFile({ path: pokeFile, log, onPoke: () => this.#poked() })
    this.#lookAgain()
    this.started = this.#events.start()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of [this.#soon, this.#again, this.#registered]) timer?.cancel()
    this.#poke?.close()
    await this.#events.close()
  }

  #up(): void {
    this.#unsure()
    this.#registered?.cancel()
    this.#registered = this.#options.clock.setTimer(registeredMs, () => this.#unsure())
  }

  #poked(): void {
    this.#events.hurry()
    this.#changeSoon()
  }

  #unsure(): void {
    this.#options.onUnsure()
    this.#changeSoon()
  }

  #changeSoon(): void {
    if (this.#isClosed) return
    this.#soon ??= this.#options.clock.setTimer(settleMs, () => {
      this.#soon = undefined
      this.#options.onChange()
    })
  }

  #lookAgain(): void {
    this.#again = this.#options.clock.setTimer(lookAgainMs, () => {
      this.#poke?.arm()
      this.#unsure()
      this.#lookAgain()
    })
  }
}
