/**
 * The guest's half of oVirt's protocol: this guest as an oVirt or RHEV host has always seen it, over the agent's own port.
 * Floor 6. Facts come from system commands and orders become calls, all through the dispatcher; there is no way around it.
 */
import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import { limitLog } from '../../log-limit.js'
import type { Dialect } from '../dialect.js'
import { usualFilters } from './facts.js'
import type { FactFilters } from './facts.js'
import { OvirtConversation } from './ovirt-conversation.js'
import { usualPeriods } from './periods.js'
import type { Periods } from './periods.js'

/** What the guest's half needs. */
export interface OvirtGuestOptions {
  readonly clock: Clock
  readonly log: Log
  /** As oVirt's own agent has them, where they are not given. */
  readonly periods?: Partial<Periods> | undefined
  /** As oVirt's own agent has them, where they are not given. */
  readonly filters?: Partial<FactFilters> | undefined
}

/** One guest, and the hosts that come and go on its port. */
export class OvirtGuest {
  readonly #options: OvirtGuestOptions
  readonly #log: Log
  #conversation: OvirtConversation | undefined

  constructor(options: OvirtGuestOptions) {
    this.#options = options
    this.#log = limitLog(options.log, options.clock)
  }

  /** Opens the dialect for an exchange; the first host is told that this guest has begun. */
  open(): Dialect {
    const { clock, periods, filters } = this.#options
    const conversation = new OvirtConversation({
      periods: { ...usualPeriods, ...periods },
      filters: { ...usualFilters, ...filters },
      clock,
      log: this.#log,
      isFirst: this.#conversation === undefined,
    })
    this.#conversation = conversation
    return conversation
  }
}
