/**
 * A guest's talk with one host over one channel in oVirt's protocol: it tells facts, and does what it is asked.
 * Floor 6. No call holds up another, nor echo and heartbeat. What carries a `reply_id` is answered, whatever comes of it.
 */
import type { Channel } from '../../channel/channel.js'
import type { Clock, Timer } from '../../clock.js'
import { sentenceOf } from '../../errors.js'
import { ovirtLineBytesMax, ovirtOrdersMax } from '../../limits.js'
import type { Log } from '../../log.js'
import { LineReader } from '../lines/line-reader.js'
import { apiVersionMax, commonVersion } from './api-versions.js'
import { every } from './every.js'
import { FactTeller } from './fact-teller.js'
import type { Extent } from './fact-teller.js'
import { factSources, memoryCommand, memoryFields } from './facts.js'
import type { FactFilters, FactSource } from './facts.js'
import type { GuestCalls } from './guest-calls.js'
import { GuestWriter } from './guest-writer.js'
import { readMessage } from './message.js'
import type { MessageFields } from './message.js'
import { orderFrom } from './orders.js'
import type { ActOrder, Order } from './orders.js'

/** How often what is told, in milliseconds. */
export interface Periods {
  readonly heartbeatMs: number
  readonly userMs: number
  readonly cpusMs: number
  readonly inventoryMs: number
  readonly disksMs: number
  /** In between, it is looked for changes so often. */
  readonly changesMs: number
}

/** What a conversation needs. */
export interface GuestConversationOptions {
  readonly channel: Channel
  readonly calls: GuestCalls
  readonly periods: Periods
  readonly filters: FactFilters
  readonly clock: Clock
  readonly log: Log
  /** Whether this guest has begun just now, and was not only connected anew. */
  readonly isFirst: boolean
}

/** Talks until it is closed. */
export class GuestConversation {
  readonly #options: GuestConversationOptions
  readonly #writer: GuestWriter
  readonly #tellers: readonly (readonly [FactSource, FactTeller])[]
  readonly #reader: LineReader
  #timers: readonly Timer[] = []
  #memory: MessageFields | undefined
  #isMeasuring = false
  /** The first heartbeat tells 0: a host that has an earlier conversation in mind negotiates anew then. */
  #told = 0
  #orderCount = 0

  constructor(options: GuestConversationOptions) {
    this.#options = options
    const { channel, calls, filters, log } = options
    const writer = new GuestWriter(channel, () => this.#tell('all'))
    const ask = async (command: string): Promise<unknown> => await calls.ask(command)
    this.#writer = writer
    this.#tellers = factSources.map((source) => [
      source,
      new FactTeller({ source, filters, ask, writer, log }),
    ])
    this.#reader = new LineReader({
      lineBytesMax: ovirtLineBytesMax,
      line: (line) => this.#take(line),
      tooLong: () => this.#ignored(`it is longer than ${ovirtLineBytesMax} bytes`),
    })
  }

  /** Tells everything once, and goes on. */
  start(): void {
    const { periods, clock, isFirst } = this.#options
    if (isFirst) this.#writer.send('session-startup')
    this.#tell('all')
    void this.#measure()
    const ofPeriod =
      (period: FactSource['period'], extent: Extent): (() => void) =>
      () =>
        this.#tell(extent, (source) => source.period === period)
    this.#timers = [
      every(clock, periods.heartbeatMs, () => this.#beat()),
      // As the oVirt agent has it: who is logged in is told when it changes.
      every(clock, periods.userMs, ofPeriod('user', 'changes')),
      every(clock, periods.cpusMs, ofPeriod('cpus', 'all')),
      every(clock, periods.inventoryMs, ofPeriod('inventory', 'all')),
      every(clock, periods.disksMs, ofPeriod('disks', 'all')),
      every(clock, periods.changesMs, () => this.#tell('changes', ({ isWatched }) => isWatched)),
    ]
  }

  /** Takes the next bytes of the host. */
  push(bytes: Buffer): void {
    this.#reader.push(bytes)
  }

  /** The channel takes more. */
  drained(): void {
    this.#writer.drained()
  }

  /** This guest ends. */
  farewell(): void {
    this.#writer.send('session-shutdown')
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel()
    for (const [, teller] of this.#tellers) teller.close()
  }

  #tell(extent: Extent, isMeant: (source: FactSource) => boolean = () => true): void {
    for (const [source, teller] of this.#tellers) if (isMeant(source)) teller.tell(extent)
  }

  /** With what was measured last, so that a slow measurement costs no sign of life. */
  #beat(): void {
    // oVirt's hosts do not take a heartbeat without free-ram.
    const fields = { 'free-ram': '0', apiVersion: this.#told, ...this.#memory }
    if (this.#writer.send('heartbeat', fields)) this.#told = apiVersionMax
    void this.#measure()
  }

  async #measure(): Promise<void> {
    if (this.#isMeasuring) return
    this.#isMeasuring = true
    try {
      this.#memory = memoryFields(await this.#options.calls.ask(memoryCommand))
    } catch (error) {
      this.#options.log.info('Cannot tell the oVirt host the memory', { reason: sentenceOf(error) })
    }
    this.#isMeasuring = false
  }

  #take(line: Buffer): void {
    const read = readMessage(line)
    if (read.kind === 'garbage') return this.#ignored(read.reason)
    const order = orderFrom(read)
    void this.#do(order, read)
  }

  /** Never rejects. */
  async #do(order: Order, { name, fields }: { name: string; fields: MessageFields }): Promise<void> {
    const failure = await this.#failureOf(order)
    if (failure !== undefined)
      this.#options.log.warn('What the oVirt host wants was not done', { message: name, reason: failure })
    const replyId = fields['reply_id']
    if (replyId === undefined || order.kind === 'echo') return
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
      case 'echo':
        this.#writer.send('echo', order.fields)
        return undefined
      case 'tell-cpus':
        this.#tell('all', ({ period }) => period === 'cpus')
        return undefined
      case 'refresh':
        if (!order.isVersioned) this.#writer.version = 0
        this.#tell('all')
        return undefined
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
    if (this.#orderCount >= ovirtOrdersMax)
      return `Cannot do "${order.command}": busy with ${ovirtOrdersMax} other things; ask again later`
    this.#orderCount += 1
    const failure = await this.#options.calls.act(order)
    this.#orderCount -= 1
    // Who has locked the screen or logged off shall be told now.
    if (order.command === 'session') this.#tell('changes', ({ period }) => period === 'user')
    return failure
  }

  #ignored(reason: string): void {
    this.#options.log.warn('A message of the oVirt host was ignored', { reason })
  }
}
