/**
 * What a host waits for after it has asked a guest something in oVirt's protocol: one answer for each `reply_id`, or none.
 * Floor 6.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.js'
import { ovirtNoticeLengthMax } from './ovirt-limits.js'
import type { MessageFields } from './message.js'

/** What came of a question. */
export type Reply =
  | { readonly kind: 'done' }
  /** In the guest's own words. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'lost' }

interface Waiting {
  /** Says it is this, and gives it. */
  readonly id: string
  readonly reply: Promise<Reply>
}

/** Answers that are waited for. */
export class Replies {
  readonly #clock: Clock
  readonly #waiting = new Map<string, (reply: Reply) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins to wait for one, before the question is sent. */
  wait(patienceMs: number): Waiting {
    const id = randomUUID()
    const reply = new Promise<Reply>((resolve) => {
      const timer = this.#clock.setTimer(patienceMs, () => this.#settle(id, { kind: 'silent' }))
      this.#waiting.set(id, (settled) => {
        timer.cancel()
        resolve(settled)
      })
    })
    return { id, reply }
  }

  /** Takes an answer; one that nobody waits for is nobody's. */
  take({ reply_id: id, done = true, failure }: MessageFields): void {
    if (typeof id !== 'string') return
    const reason =
      typeof failure === 'string' ? failure.slice(0, ovirtNoticeLengthMax) : 'it does not say why'
    this.#settle(id, done === true ? { kind: 'done' } : { kind: 'failed', reason })
  }

  /** The question was not sent. */
  forget(id: string): void {
    this.#settle(id, { kind: 'lost' })
  }

  /** The guest is not connected any more. */
  lose(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: 'lost' })
  }

  #settle(id: string, reply: Reply): void {
    const settle = this.#waiting.get(id)
    this.#waiting.delete(id)
    settle?.(reply)
  }
}
