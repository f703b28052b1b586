/**
 * What a guest says unasked in oVirt's protocol: nothing newer than the common version, and no more than is read.
 * Floor 6. A host that does not read costs no memory: what it misses is told again once it reads.
 */
import { ovirtCompletionsMax } from './ovirt-limits.js'
import { minimumVersionOf } from './api-versions.js'
import type { GuestMessageName } from './api-versions.js'
import { encodeMessage } from './message.js'
import type { MessageFields } from './message.js'

/** Writes messages to one host. */
export class GuestWriter {
  readonly #push: (body: Buffer) => boolean
  readonly #completions: Buffer[] = []
  /** What host and guest have in common; a host that speaks of no version has 0. */
  version = 0
  /** Whether the host has missed what it did not read. */
  hasMissed = false

  /** @param push takes a message, or answers `false` when too much waits already */
  constructor(push: (body: Buffer) => boolean) {
    this.#push = push
  }

  /** @returns whether it was sent */
  send(name: GuestMessageName, fields?: MessageFields): boolean {
    if (minimumVersionOf(name) > this.version) return false
    const body = encodeMessage(name, fields)
    if (this.#push(body)) return true
    // Someone waits for a completion; everything else is told again.
    if (name === 'completion') this.#keep(body)
    else this.hasMissed = true
    return false
  }

  /** Sends what waits, as far as the host reads. */
  retry(): void {
    for (
      let [first] = this.#completions;
      first !== undefined && this.#push(first);
      [first] = this.#completions
    )
      this.#completions.shift()
  }

  #keep(body: Buffer): void {
    this.#completions.push(body)
    if (this.#completions.length > ovirtCompletionsMax) this.#completions.shift()
  }
}
