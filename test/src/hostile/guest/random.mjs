// Chance that a seed can repeat. Runs in the guest, and is not compiled.

/** Numbers from a seed, by mulberry32: small, and the same everywhere. */
export class Random {
  #state

  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to `below` - 1. */
  integer(below) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }

  /** One of these. */
  pick(list) {
    return list[this.integer(list.length)]
  }

  /** So many bytes. */
  bytes(count) {
    const bytes = Buffer.allocUnsafe(count)
    for (let at = 0; at < count; at += 1) bytes[at] = this.integer(256)
    return bytes
  }
}
