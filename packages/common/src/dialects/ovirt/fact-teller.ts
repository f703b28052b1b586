/**
 * Tells the facts of one source: all of them when it is time, and in between those that have changed.
 * Floor 6. Its command runs once at a time; whoever asks meanwhile gets one more look behind it.
 */
import * as z from 'zod/mini'
import { sentenceOf } from '../../errors.js'
import type { Log } from '../../log.js'
import type { Fact, FactFilters, FactSource } from './facts.js'
import type { GuestWriter } from './guest-writer.js'

interface FactTellerOptions {
  readonly source: FactSource
  readonly filters: FactFilters
  /** Asks a command of this guest. */
  readonly ask: (command: string) => Promise<unknown>
  readonly writer: GuestWriter
  readonly log: Log
}

/** How much is told: what has changed, or everything. */
export type Extent = 'changes' | 'all'

/** What commands answered, and what that comes to. */
interface Seen {
  /** Absent where they could not answer. */
  readonly answers?: readonly unknown[]
  readonly facts: readonly Fact[]
}

/** Tells one source's facts. */
export class FactTeller {
  readonly #options: FactTellerOptions
  /** What the host knows, by message. */
  readonly #told = new Map<string, string>()
  #isLooking = false
  #next: Extent | undefined
  #isClosed = false
  #lastFailure = ''
  #lastAnswers: readonly unknown[] | undefined

  constructor(options: FactTellerOptions) {
    this.#options = options
  }

  /** Looks, and tells. */
  tell(extent: Extent): void {
    if (this.#isClosed) return
    if (this.#isLooking) this.#next = this.#next === 'all' ? 'all' : extent
    else void this.#look(extent)
  }

  /** Tells nothing any more. */
  close(): void {
    this.#isClosed = true
  }

  async #look(extent: Extent): Promise<void> {
    this.#isLooking = true
    const seen = await this.#see()
    this.#isLooking = false
    if (this.#isClosed) return
    if (seen !== undefined) this.#tellSeen(seen, extent)
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) this.tell(next)
  }

  /** What cannot be had now is not told, or as the source has it, and the log says so once. */
  async #see(): Promise<Seen | undefined> {
    const { source, filters, ask } = this.#options
    try {
      const answers = await Promise.all(source.commands.map(ask))
      const seen = { answers, facts: source.facts(answers, filters) }
      this.#lastFailure = ''
      return seen
    } catch (error) {
      this.#failed(reasonOf(error))
      return source.otherwise && { facts: source.otherwise }
    }
  }

  #failed(reason: string): void {
    const { source, log } = this.#options
    if (reason !== this.#lastFailure && !this.#isClosed)
      log.info('Cannot tell the oVirt host a fact', { commands: source.commands.join(', '), reason })
    this.#lastFailure = reason
  }

  #tellSeen({ answers, facts }: Seen, extent: Extent): void {
    const { source, writer } = this.#options
    for (const fact of facts) this.#tellFact(fact, extent)
    const before = this.#lastAnswers
    this.#lastAnswers = answers
    if (before === undefined || answers === undefined) return
    for (const name of source.events?.(before, answers) ?? []) writer.send(name)
  }

  #tellFact({ message, fields, changesWith = fields }: Fact, extent: Extent): void {
    const known = JSON.stringify(changesWith)
    if (extent === 'changes' && this.#told.get(message) === known) return
    if (this.#options.writer.send(message, fields)) this.#told.set(message, known)
  }
}

/** A schema's own error is a page of JSON with the values in it. */
function reasonOf(error: unknown): string {
  return error instanceof z.core.$ZodError
    ? 'its answer has not the form that it promises'
    : sentenceOf(error)
}
