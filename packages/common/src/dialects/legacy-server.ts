/**
 * Serves the requests of a protocol that is not ours: exchange and dialect on one side, the dispatcher on the other.
 * Floor 6. A dialect that fails harms its own answer only.
 */
import { catalogueFrom } from '../call/catalogue.js'
import type { IncomingCall } from '../call/call.js'
import { sentenceOf } from '../errors.js'
import { legacyTimeoutMs } from './dialect-limits.js'
import type { Log } from '../log.js'
import type { RunRequest } from '../wire/request.js'
import type { Answer, CollectedEnd, Dialect, LegacyRequest, WantedCall } from './dialect.js'
import type { Exchange, Letter, ReadableNodes } from './exchange.js'
import { CollectedCall } from './collected-call.js'

interface LegacyServerOptions {
  readonly exchange: Exchange
  readonly dialect: Dialect
  /** Serves a call, as the dispatcher does for a session's. */
  readonly serve: (call: IncomingCall) => void
  /** Bytes of a command's output that one answer may carry. */
  readonly outputBytesMax: number
  readonly log?: Log | undefined
}

/** One call of the dialect, or one that a letter came to. */
interface MadeCall {
  readonly request: RunRequest
  readonly input?: Buffer | undefined
  readonly isRoutine?: boolean | undefined
}

/** Serves until it is closed. */
export class LegacyServer {
  readonly #options: LegacyServerOptions
  readonly #calls = new Set<CollectedCall>()

  constructor(options: LegacyServerOptions) {
    this.#options = options
    options.dialect.start?.(this)
    options.exchange.start((letter) => void this.#answer(letter))
  }

  /** Calls under way. */
  get callCount(): number {
    return this.#calls.size
  }

  /** Ends what runs. That a peer has left ends nothing: these protocols promise that what was begun goes on. */
  close(): void {
    for (const call of this.#calls) call.stop('lost')
  }

  /** For the dialect: makes a call. Never rejects. */
  async run(wanted: WantedCall): Promise<CollectedEnd> {
    const { command, args = [], input, timeoutMs = legacyTimeoutMs, isRoutine } = wanted
    const hasStdin = input !== undefined
    return await this.#run({ request: { ask: 'run', command, args, timeoutMs, hasStdin }, input, isRoutine })
  }

  /** For the dialect: the names of the commands. The catalogue goes on with each change; its first line is what there is now. */
  async catalogue(): Promise<readonly string[]> {
    const call = new CollectedCall({ ...this.#options, via: this.#via, request: { ask: 'commands' } })
    const serving = this.#serve(call)
    call.stop('cancelled')
    const { stdout } = await serving
    const [line = ''] = stdout.toString().split('\n')
    return line === '' ? [] : catalogueFrom(JSON.parse(line)).map(({ name }) => name)
  }

  /** For the dialect: what lies beside the letters. */
  get nodes(): ReadableNodes | undefined {
    return this.#options.exchange.nodes
  }

  /** For the dialect: sends what nobody asked for. */
  push(body: Buffer): boolean {
    return this.#options.exchange.push?.(body) === true
  }

  get #via(): string {
    return this.#options.dialect.name
  }

  /** Never rejects. */
  async #answer({ id, body, fault }: Letter): Promise<void> {
    const { dialect } = this.#options
    let answer: Answer
    try {
      answer = await (fault === undefined ? this.#answerTo(dialect.parse(body)) : dialect.refuse?.(fault))
    } catch (error) {
      this.#options.log?.error('A dialect failed; its peer is told so', {
        dialect: dialect.name,
        reason: sentenceOf(error),
      })
      answer = await this.#apology()
    }
    this.#reply(id, answer)
  }

  /** An exchange may be somebody else's, and its fault must not be the daemon's end. */
  #reply(id: number, answer: Answer): void {
    try {
      this.#options.exchange.reply(id, answer)
    } catch (error) {
      this.#options.log?.error('An exchange failed; an answer is lost', {
        dialect: this.#via,
        reason: sentenceOf(error),
      })
    }
  }

  async #answerTo(parsed: LegacyRequest): Promise<Answer> {
    const { dialect } = this.#options
    switch (parsed.kind) {
      case 'answer':
        return parsed.body
      case 'calls':
        return await parsed.answer(this)
      case 'catalogue':
        return dialect.render?.({ kind: 'catalogue', names: await this.catalogue() })
      case 'run': {
        const ended = await this.#run(parsed)
        return dialect.render?.({ kind: 'run', request: parsed.request, ended })
      }
    }
  }

  async #apology(): Promise<Answer> {
    try {
      return await this.#options.dialect.refuse?.('failed')
    } catch {
      return undefined // It fails at this, too, and that it fails was told.
    }
  }

  async #run({ request, input, isRoutine }: MadeCall): Promise<CollectedEnd> {
    return await this.#serve(
      new CollectedCall({ ...this.#options, via: this.#via, request, input, isRoutine }),
    )
  }

  async #serve(call: CollectedCall): Promise<CollectedEnd> {
    this.#calls.add(call)
    this.#options.serve(call)
    const ended = await call.ended
    this.#calls.delete(call)
    return ended
  }
}
