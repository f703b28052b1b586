/**
 * The guest's half of oVirt's protocol: this guest as an oVirt or RHEV host has always seen it, over the agent's own port.
 * Floor 6. Facts come from system commands and orders become calls, all through the dispatcher; there is no way around it.
 */
import type { IncomingCall } from '../../call/call.js'
import type { Channel } from '../../channel/channel.js'
import type { Clock } from '../../clock.js'
import {
  ovirtChangesMs,
  ovirtCpusMs,
  ovirtDisksMs,
  ovirtHeartbeatMs,
  ovirtInventoryMs,
  ovirtUserMs,
} from '../../limits.js'
import type { Log } from '../../log.js'
import { limitLog } from '../../log-limit.js'
import { usualFilters } from './facts.js'
import type { FactFilters } from './facts.js'
import { GuestCalls } from './guest-calls.js'
import { GuestConversation } from './guest-conversation.js'
import type { Periods } from './guest-conversation.js'

/** What the guest's half needs. */
export interface OvirtGuestOptions {
  /** Serves a call of the host, as the dispatcher does. */
  readonly serve: (call: IncomingCall) => void
  readonly clock: Clock
  readonly log: Log
  /** As oVirt's own agent has them, where they are not given. */
  readonly periods?: Partial<Periods> | undefined
  /** As oVirt's own agent has them, where they are not given. */
  readonly filters?: Partial<FactFilters> | undefined
}

const usualPeriods: Periods = {
  heartbeatMs: ovirtHeartbeatMs,
  userMs: ovirtUserMs,
  cpusMs: ovirtCpusMs,
  inventoryMs: ovirtInventoryMs,
  disksMs: ovirtDisksMs,
  changesMs: ovirtChangesMs,
}

/** Talks to the hosts that come and go on a port. */
export class OvirtGuest {
  readonly #options: OvirtGuestOptions
  readonly #calls: GuestCalls
  readonly #log: Log
  #isFirst = true
  #conversation: GuestConversation | undefined

  constructor(options: OvirtGuestOptions) {
    this.#options = options
    this.#calls = new GuestCalls(options.serve)
    this.#log = limitLog(options.log, options.clock)
  }

  /** Talks over a channel until it is over, or the signal fires; then it is closed. */
  async use({ channel, signal }: { channel: Channel; signal: AbortSignal }): Promise<void> {
    const { clock, periods, filters } = this.#options
    const conversation = new GuestConversation({
      channel,
      calls: this.#calls,
      periods: { ...usualPeriods, ...periods },
      filters: { ...usualFilters, ...filters },
      clock,
      log: this.#log,
      isFirst: this.#isFirst,
    })
    this.#isFirst = false
    this.#conversation = conversation
    const over = new Promise<void>((resolve) => {
      channel.start({
        bytes: (chunk) => conversation.push(chunk),
        drained: () => conversation.drained(),
        closed: () => resolve(),
      })
    })
    const leave = (): void => channel.close()
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    else conversation.start()
    await over
    signal.removeEventListener('abort', leave)
    conversation.close()
    this.#conversation = undefined
  }

  /** This guest's daemon ends: the host is told, and what runs is ended. */
  close(): void {
    this.#conversation?.farewell()
    this.#calls.close()
  }
}
