/**
 * What a guest writes to its host in oVirt's protocol: nothing newer than the common version, and no more than is read.
 * Floor 6. A host that does not read costs no memory: what it misses is told again once it reads.
 */
import type { Channel } from '../../channel/channel.js'
import { ovirtCompletionsMax } from '../../limits.js'
import { minimumVersionOf } from './api-versions.js'
import type { GuestMessageName } from './api-versions.js'
import { encodeMessage } from './message.js'
import type { MessageFields } from './message.js'

/** Writes messages to one channel. */
export class GuestWriter {
  readonly #channel: Channel
  readonly #onCaughtUp: () => void
  #isFull = false
  #hasDropped = false
  #completions: Buffer[] = []
  /** What host and guest have in common; a host that speaks of no version has 0. */
  version = 0

  /** @param onCaughtUp the host reads again, and has missed something */
  constructor(channel: Channel, onCaughtUp: () => void) {
    this.#channel = channel
    this.#onCaughtUp = onCaughtUp
  }

  /** @returns whether it was sent */
  send(name: GuestMessageName, fields?: MessageFields): boolean {
    if (minimumVersionOf(name) > this.version) return false
    if (!this.#isFull) {
      this.#write(encodeMessage(name, fields))
      return true
    }
    // Someone waits for a completion; everything else is told again.
    if (name === 'completion') this.#keep(encodeMessage(name, fields))
    else this.#hasDropped = true
    return false
  }

  /** The channel takes more. */
  drained(): void {
    this.#isFull = false
    const completions = this.#completions
    this.#completions = []
    for (const bytes of completions) this.#write(bytes)
    if (!this.#hasDropped) return
    this.#hasDropped = false
    this.#onCaughtUp()
  }

  #keep(bytes: Buffer): void {
    this.#completions.push(bytes)
    if (this.#completions.length > ovirtCompletionsMax) this.#completions.shift()
  }

  #write(bytes: Buffer): void {
    this.#isFull = !this.#channel.write(bytes)
  }
}
