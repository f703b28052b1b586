/**
 * Serves the requests of a protocol that is not ours: exchange and dialect on one side, the dispatcher on the other.
 * Floor 6.
 */
import { catalogueFrom } from '../call/catalogue.js'
import type { IncomingCall } from '../call/call.js'
import type { Dialect, LegacyOutcome, LegacyRequest } from './dialect.js'
import type { Exchange } from './exchange.js'
import { CollectedCall } from './collected-call.js'

interface LegacyServerOptions {
  readonly exchange: Exchange
  readonly dialect: Dialect
  /** Serves a call, as the dispatcher does for a session's. */
  readonly serve: (call: IncomingCall) => void
  /** Bytes of a command's output that one answer may carry. */
  readonly outputBytesMax: number
}

/** Serves until it is closed. */
export class LegacyServer {
  readonly #options: LegacyServerOptions
  readonly #calls = new Set<CollectedCall>()

  constructor(options: LegacyServerOptions) {
    this.#options = options
    options.exchange.start(({ id, body }) => void this.#answer(id, body))
  }

  /** Calls under way. */
  get callCount(): number {
    return this.#calls.size
  }

  /** Ends what runs. That a peer has left ends nothing: these protocols promise that what was begun goes on. */
  close(): void {
    for (const call of this.#calls) call.stop('lost')
  }

  async #answer(id: number, body: Buffer): Promise<void> {
    const { exchange, dialect } = this.#options
    const parsed = dialect.parse(body)
    if (parsed.kind === 'answer') return exchange.reply(id, parsed.body)
    const outcome = await (parsed.kind === 'run' ? this.#run(parsed) : this.#list())
    exchange.reply(id, dialect.render(outcome))
  }

  async #run({ request, input }: LegacyRequest & { readonly kind: 'run' }): Promise<LegacyOutcome> {
    const call = new CollectedCall({ request, input, outputBytesMax: this.#options.outputBytesMax })
    const ended = await this.#serve(call)
    return { kind: 'run', request, ended }
  }

  /** The catalogue goes on with each change; its first line is what there is now. */
  async #list(): Promise<LegacyOutcome> {
    const call = new CollectedCall({
      request: { ask: 'commands' },
      outputBytesMax: this.#options.outputBytesMax,
    })
    const serving = this.#serve(call)
    call.stop('cancelled')
    const { stdout } = await serving
    const [line = ''] = stdout.toString().split('\n')
    const names = line === '' ? [] : catalogueFrom(JSON.parse(line)).map(({ name }) => name)
    return { kind: 'catalogue', names }
  }

  async #serve(call: CollectedCall): Promise<Awaited<CollectedCall['ended']>> {
    this.#calls.add(call)
    this.#options.serve(call)
    const ended = await call.ended
    this.#calls.delete(call)
    return ended
  }
}
