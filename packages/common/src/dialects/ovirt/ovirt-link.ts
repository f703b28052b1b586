/**
 * The host's half of oVirt's protocol: one guest with an oVirt or RHEV agent, or with ours that speaks like one.
 * Floor 6. It keeps what the guest tells and asks it things. Nothing that a guest says is run, and none can make it grow.
 */
import type { Clock } from '../../clock.js'
import { ovirtLineBytesMax } from './ovirt-limits.js'
import type { Log } from '../../log.js'
import { limitLog } from '../../log-limit.js'
import type { Dialect, LegacyRequest, Switchboard } from '../dialect.js'
import type { LetterFault } from '../exchange.js'
import { apiVersionMax, commonVersion, minimumVersionOf } from './api-versions.js'
import type { HostMessageName } from './api-versions.js'
import { ByteBudget } from './byte-budget.js'
import { paint } from './guest-messages.js'
import { encodeMessage, readMessage } from './message.js'
import type { MessageFields } from './message.js'
import type { Picture } from './picture.js'
import { Presence } from './presence.js'
import { Replies } from './replies.js'
import type { Reply } from './replies.js'

interface OvirtLinkOptions {
  /** Its name, for the log and for sentences. */
  readonly guest: string
  readonly clock: Clock
  readonly log: Log
}

/** How a guest is, and what it has told. What it tells is its own word: show it escaped. */
export interface OvirtSnapshot {
  readonly guest: string
  /** Whether its channel is open on our side; its agent need not run for that. */
  readonly isConnected: boolean
  /** Whether its agent has said anything within 120 s. */
  readonly isResponsive: boolean
  /** Whether there was a heartbeat on this connection. */
  readonly isUp: boolean
  /** What both sides have in common; 0 until its agent says more. */
  readonly apiVersion: number
  readonly lastHeardSecondsAgo: number | null
  /** Messages that made no sense, and those that were too many to be read. */
  readonly refusedCount: number
  readonly droppedCount: number
  readonly told: Picture
}

/** What a subscriber hears. */
export type OvirtChange =
  /** These fields of the snapshot, or of what the guest has told, are new. */
  | { readonly kind: 'changed'; readonly names: readonly string[] }
  /** Something has happened, such as `session-startup`. */
  | { readonly kind: 'event'; readonly name: string }

/** What came of sending a guest something. */
export type Sent =
  | { readonly kind: 'sent'; readonly replied: Promise<Reply> }
  /** Nothing was sent; `reason` goes on behind "Cannot ...: ". */
  | { readonly kind: 'not-sent'; readonly reason: string }

/** One guest. */
export class OvirtLink {
  readonly #options: OvirtLinkOptions
  readonly #log: Log
  readonly #replies: Replies
  readonly #budget: ByteBudget
  readonly #presence: Presence
  readonly #subscribers = new Set<(change: OvirtChange) => void>()
  #switchboard: Switchboard | undefined
  #apiVersion = 0
  #isUp = false
  #refusedCount = 0
  #droppedCount = 0
  #told: Picture = {}

  constructor(options: OvirtLinkOptions) {
    this.#options = options
    this.#log = limitLog(options.log, options.clock)
    this.#replies = new Replies(options.clock)
    this.#budget = new ByteBudget(options.clock)
    this.#presence = new Presence({
      clock: options.clock,
      onChange: () => this.#changed(['isResponsive']),
    })
  }

  /** Opens the dialect for an exchange; what the guest told in an earlier one is kept. */
  open(): Dialect {
    return {
      name: 'ovirt',
      // A guest's messages are not answered, so none has to wait for another one.
      lines: { end: '\n', atOnceMax: Number.POSITIVE_INFINITY },
      start: (switchboard) => this.#plugged(switchboard),
      parse: (body) => this.#take(body),
      refuse: (fault) => this.#refuse(fault),
      status: () => this.snapshot(),
      close: () => this.#unplugged(),
    }
  }

  /** How the guest is now. */
  snapshot(): OvirtSnapshot {
    const { isResponsive, silentMs } = this.#presence
    return {
      guest: this.#options.guest,
      isConnected: this.#switchboard !== undefined,
      isResponsive,
      isUp: this.#isUp,
      apiVersion: this.#apiVersion,
      lastHeardSecondsAgo: silentMs === undefined ? null : Math.floor(silentMs / 1000),
      refusedCount: this.#refusedCount,
      droppedCount: this.#droppedCount,
      told: this.#told,
    }
  }

  /** Tells of each change from now on. @returns what ends it */
  subscribe(tell: (change: OvirtChange) => void): () => void {
    this.#subscribers.add(tell)
    return () => void this.#subscribers.delete(tell)
  }

  /**
   * Sends the guest's agent a message, and waits for its end so long: our own guests answer each, others only some.
   * @param message its `name`, `fields`, and `patienceMs` in milliseconds
   */
  send({
    name,
    fields = {},
    patienceMs,
  }: {
    name: HostMessageName
    fields?: MessageFields
    patienceMs: number
  }): Sent {
    const reason = this.#obstacleTo(name)
    if (reason !== undefined) return { kind: 'not-sent', reason }
    const { id, reply } = this.#replies.wait(patienceMs)
    if (this.#write(name, { ...fields, reply_id: id })) return { kind: 'sent', replied: reply }
    this.#replies.forget(id)
    return { kind: 'not-sent', reason: 'its agent does not read; is it running?' }
  }

  #obstacleTo(name: HostMessageName): string | undefined {
    if (this.#switchboard === undefined) return 'its channel is not connected; is the guest running?'
    const wanted = minimumVersionOf(name)
    if (wanted <= this.#apiVersion) return undefined
    return `its agent speaks API version ${this.#apiVersion}, and this needs ${wanted}; upgrade the agent`
  }

  #plugged(switchboard: Switchboard): void {
    this.#switchboard = switchboard
    this.#apiVersion = 0
    // The exchange begins behind us, and takes nothing before.
    queueMicrotask(() => this.#write('refresh', { apiVersion: apiVersionMax }))
    this.#changed(['isConnected'])
  }

  #unplugged(): void {
    if (this.#switchboard === undefined) return
    this.#presence.gone()
    this.#switchboard = undefined
    this.#isUp = false
    this.#replies.lose()
    this.#changed(['isConnected', 'isUp', 'isResponsive'])
  }

  #write(name: HostMessageName, fields: MessageFields): boolean {
    return this.#switchboard?.push(encodeMessage(name, fields)) === true
  }

  #take(line: Buffer): LegacyRequest {
    this.#read(line)
    return { kind: 'answer', body: undefined }
  }

  #read(line: Buffer): void {
    if (line.length > ovirtLineBytesMax) return this.#refuse('too-long')
    if (!this.#budget.pay(line.length)) return this.#drop()
    const read = readMessage(line)
    if (read.kind === 'garbage') return this.#ignored(read.reason)
    const painted = paint(read.name, read.fields)
    if (painted.kind === 'refused') return this.#ignored(painted.reason)
    this.#presence.heard()
    this.#paint(painted.part)
    this.#notice(read)
  }

  #notice({ name, fields }: { name: string; fields: MessageFields }): void {
    if (name === 'heartbeat') this.#beat(fields['apiVersion'])
    if (name === 'completion' || name === 'echo') this.#replies.take(fields)
    if (name.startsWith('session-') || name === 'uninstalled') this.#tell({ kind: 'event', name })
  }

  /** A guest that offers no version, or none that there is, has none. */
  #beat(offered: unknown): void {
    const version = commonVersion(offered) ?? 0
    const isNew = version !== this.#apiVersion
    this.#apiVersion = version
    if (isNew && version > 0) this.#write('api-version', { apiVersion: version })
    const wasUp = this.#isUp
    this.#isUp = true
    this.#changed([...(isNew ? ['apiVersion'] : []), ...(wasUp ? [] : ['isUp'])])
  }

  #paint(part: Picture): void {
    const before = this.#told
    this.#told = { ...before, ...part }
    const told: Readonly<Record<string, unknown>> = { ...before }
    const names = Object.entries(part).filter(
      ([name, value]) => JSON.stringify(told[name]) !== JSON.stringify(value),
    )
    this.#changed(names.map(([name]) => name))
  }

  #refuse(fault: LetterFault | 'failed'): undefined {
    if (fault === 'too-long') this.#ignored(`it is longer than ${ovirtLineBytesMax} bytes`)
    else this.#drop()
  }

  #ignored(reason: string): undefined {
    this.#refusedCount += 1
    this.#log.warn('A message of an oVirt guest agent was ignored', { guest: this.#options.guest, reason })
  }

  #drop(): undefined {
    this.#droppedCount += 1
    this.#log.warn('An oVirt guest agent says more than is read; the rest is dropped', {
      guest: this.#options.guest,
    })
  }

  #changed(names: readonly string[]): void {
    if (names.length > 0) this.#tell({ kind: 'changed', names })
  }

  #tell(change: OvirtChange): void {
    for (const tell of this.#subscribers) tell(change)
  }
}
