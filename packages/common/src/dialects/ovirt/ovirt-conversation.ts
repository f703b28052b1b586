/**
 * A guest's talk with one host in oVirt's protocol: it tells facts, and does what it is asked.
 * Floor 6. Nothing waits for a call, neither another one nor echo and heartbeat. What has a `reply_id` is answered, whatever
 * comes of it.
 */
import type { Clock, Timer } from '../../clock.js'
import { sentenceOf } from '../../errors.js'
import { ovirtLineBytesMax, ovirtOrdersMax } from './ovirt-limits.js'
import type { Log } from '../../log.js'
import type { Dialect, LegacyRequest, Switchboard } from '../dialect.js'
import type { LetterFault } from '../exchange.js'
import { apiVersionMax, commonVersion } from './api-versions.js'
import { every } from './every.js'
import { FactTeller } from './fact-teller.js'
import type { Extent } from './fact-teller.js'
import { factSources, memoryCommand, memoryFields } from './facts.js'
import type { FactFilters, FactSource } from './facts.js'
import { act, askCommand } from './guest-calls.js'
import { GuestWriter } from './guest-writer.js'
import { encodeMessage, readMessage } from './message.js'
import type { MessageFields } from './message.js'
import { orderFrom } from './orders.js'
import type { ActOrder, Order } from './orders.js'
import type { Periods } from './periods.js'

/** What a conversation needs. */
export interface OvirtConversationOptions {
  readonly periods: Periods
  readonly filters: FactFilters
  readonly clock: Clock
  readonly log: Log
  /** Whether this guest has begun just now, and was not only connected anew. */
  readonly isFirst: boolean
}

const faults: Readonly<Record<LetterFault | 'failed', string>> = {
  'too-long': `it is longer than ${ovirtLineBytesMax} bytes`,
  'too-many': 'too many wait before it',
  interrupted: 'the daemon was started anew before it had answered',
  failed: 'it could not be answered',
}

const noAnswer: LegacyRequest = { kind: 'answer', body: undefined }

/** Talks until it is closed. */
export class OvirtConversation implements Dialect {
  readonly name = 'ovirt'
  readonly #options: OvirtConversationOptions
  #switchboard: Switchboard | undefined
  #writer = new GuestWriter(() => false)
  #tellers: readonly (readonly [FactSource, FactTeller])[] = []
  #timers: readonly Timer[] = []
  #memory: MessageFields | undefined
  #isMeasuring = false
  /** The first heartbeat tells 0: a host that has an earlier conversation in mind negotiates anew then. */
  #told = 0
  #orderCount = 0

  constructor(options: OvirtConversationOptions) {
    this.#options = options
  }

  start(switchboard: Switchboard): void {
    const { filters, log } = this.#options
    const writer = new GuestWriter((body) => switchboard.push(body))
    const ask = async (command: string): Promise<unknown> => await askCommand(switchboard, command)
    this.#switchboard = switchboard
    this.#writer = writer
    this.#tellers = factSources.map((source) => [
      source,
      new FactTeller({ source, filters, ask, writer, log }),
    ])
    this.#timers = this.#setTimers()
    // The exchange begins behind us, and takes nothing before.
    queueMicrotask(() => this.#begin())
  }

  parse(body: Buffer): LegacyRequest {
    if (body.length > ovirtLineBytesMax) return this.#ignored(faults['too-long'])
    const read = readMessage(body)
    if (read.kind === 'garbage') return this.#ignored(read.reason)
    const order = orderFrom(read)
    // As an answer, so that a host that does not read its echoes is read no more.
    if (order.kind === 'echo') return { kind: 'answer', body: encodeMessage('echo', order.fields) }
    void this.#do(order, read)
    return noAnswer
  }

  /** oVirt's protocol has no word for it. */
  refuse(fault: LetterFault | 'failed'): undefined {
    this.#ignored(faults[fault])
  }

  /** This guest ends: the host is told, as long as anything can be said. */
  farewell(): void {
    this.#writer.send('session-shutdown')
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel()
    for (const [, teller] of this.#tellers) teller.close()
  }

  #begin(): void {
    if (this.#options.isFirst) this.#writer.send('session-startup')
    this.#tell('all')
    void this.#measure()
  }

  #setTimers(): readonly Timer[] {
    const { periods, clock } = this.#options
    const tellEach = (period: FactSource['period'], periodMs: number): Timer =>
      // As the oVirt agent has it: who is logged in is told when it changes.
      every(clock, periodMs, () => this.#tell(period === 'user' ? 'changes' : 'all', period))
    return [
      every(clock, periods.heartbeatMs, () => this.#beat()),
      tellEach('user', periods.userMs),
      tellEach('cpus', periods.cpusMs),
      tellEach('inventory', periods.inventoryMs),
      tellEach('disks', periods.disksMs),
      every(clock, periods.changesMs, () => this.#tell('changes', 'watched')),
    ]
  }

  #tell(extent: Extent, which?: FactSource['period'] | 'watched'): void {
    for (const [{ period, isWatched }, teller] of this.#tellers)
      if (which === undefined || which === period || (which === 'watched' && isWatched)) teller.tell(extent)
  }

  /** With what was measured last, so that a slow measurement costs no sign of life. */
  #beat(): void {
    // oVirt's hosts do not take a heartbeat without free-ram.
    const fields = { 'free-ram': '0', apiVersion: this.#told, ...this.#memory }
    void this.#measure()
    if (!this.#writer.send('heartbeat', fields)) return
    this.#told = apiVersionMax
    this.#writer.retry()
    if (!this.#writer.hasMissed) return
    this.#writer.hasMissed = false
    this.#tell('all')
  }

  async #measure(): Promise<void> {
    if (this.#isMeasuring || this.#switchboard === undefined) return
    this.#isMeasuring = true
    try {
      this.#memory = memoryFields(await askCommand(this.#switchboard, memoryCommand))
    } catch (error) {
      this.#options.log.info('Cannot tell the oVirt host the memory', { reason: sentenceOf(error) })
    }
    this.#isMeasuring = false
  }

  /** Never rejects. */
  async #do(order: Order, { name, fields }: { name: string; fields: MessageFields }): Promise<void> {
    const failure = await this.#failureOf(order)
    if (failure !== undefined)
      this.#options.log.warn('What the oVirt host wants was not done', { message: name, reason: failure })
    const { reply_id: replyId } = fields
    if (replyId === undefined) return
    const outcome = failure === undefined ? { done: true } : { done: false, failure }
    this.#writer.send('completion', { reply_id: replyId, ...outcome })
  }

  /** Does it. @returns why it failed; `undefined` when it did not */
  async #failureOf(order: Order): Promise<string | undefined> {
    switch (order.kind) {
      case 'refuse':
        return order.reason
      case 'act':
        return await this.#act(order)
      case 'set-version':
        return this.#setVersion(order.offered)
      case 'tell-cpus':
        this.#tell('all', 'cpus')
        return undefined
      case 'refresh':
        if (!order.isVersioned) this.#writer.version = 0
        this.#tell('all')
        return undefined
      case 'echo':
        return undefined // It was answered where it came in.
    }
  }

  #setVersion(offered: unknown): string | undefined {
    const version = commonVersion(offered)
    if (version === undefined) return 'Cannot set the API version: it must be a whole number'
    const isNew = version !== this.#writer.version
    this.#writer.version = version
    if (isNew) this.#tell('all')
    return undefined
  }

  async #act(order: ActOrder): Promise<string | undefined> {
    if (this.#switchboard === undefined || this.#orderCount >= ovirtOrdersMax)
      return `Cannot do "${order.command}": busy with ${ovirtOrdersMax} other things; ask again later`
    this.#orderCount += 1
    const failure = await act(this.#switchboard, order)
    this.#orderCount -= 1
    // Whether the screen is locked or someone was logged off shall be told now.
    if (order.command === 'session') this.#tell('changes', 'user')
    return failure
  }

  #ignored(reason: string): LegacyRequest {
    this.#options.log.warn('A message of the oVirt host was ignored', { reason })
    return noAnswer
  }
}
