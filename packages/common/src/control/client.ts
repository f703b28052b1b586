/**
 * The library door: a program's connection to its machine's daemon.
 * Floor 7.
 */
import { catalogueFrom } from '../call/catalogue.js'
import type { CatalogueEntry } from '../call/catalogue.js'
import type { Channel } from '../channel/channel.js'
import { connectSocket } from '../channel/socket-channel.js'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { NegotiatorError, PeerError, SystemError, UsageError } from '../errors.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import type { CallingStream } from '../session/calling-stream.js'
import { newCounters } from '../session/counters.js'
import { Endpoint } from '../session/endpoint.js'
import type { LocalHello } from '../session/handshake.js'
import type { Session } from '../session/session.js'
import { objectFrom } from '../wire/fields.js'
import type { MachineRequest, Request } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import { callOver, outcomeOf } from './call.js'
import type { Call, Outcome } from './call.js'
import { LineQueue } from './line-queue.js'
import type { PeerSummary } from './peer-status.js'

/** How a call is made. */
export interface CallOptions {
  /** The side that runs the command ends it after so long. */
  readonly timeoutMs?: number | undefined
  /** Whether the command reads what is written to `stdin`; without it, it reads an empty one. */
  readonly hasStdin?: boolean | undefined
  /** Whether the result shall tell how long the stages of the call took, in `timings`. */
  readonly isTimed?: boolean | undefined
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined
}

/** How a call is made that is waited for. */
export interface RunOptions extends Omit<CallOptions, 'hasStdin'> {
  readonly stdin?: string | Uint8Array | undefined
}

/** Which command, where. */
export interface CallTarget {
  readonly target: string
  readonly command: string
  readonly args?: readonly string[]
}

interface ClientOptions {
  readonly path: string
  readonly hello: LocalHello
  /** How long the daemon may take to answer the opening; 15 s unless given. */
  readonly patienceMs?: number | undefined
  /** The machine's, but for tests. */
  readonly clock?: Clock
}

/** A connection to the daemon. Close it when done. */
export class Client {
  readonly #endpoint: Endpoint
  readonly #session: Session

  private constructor({ endpoint, session }: { endpoint: Endpoint; session: Session }) {
    this.#endpoint = endpoint
    this.#session = session
  }

  /**
   * Connects to a daemon.
   * @param options the control socket's `path`, and what we say of ourselves
   * @throws {SystemError} `daemon-unreachable`; {@link UsageError} `refused` when the daemon is of another age
   */
  static async connect(options: ClientOptions): Promise<Client> {
    const { path, hello, patienceMs = heartbeatDeadMs, clock = systemClock } = options
    const channel = await openChannel(path)
    return await new Promise((resolve, reject) => {
      const fail = (error: NegotiatorError): void => {
        patience.cancel()
        reject(error)
        channel.close()
      }
      const patience = clock.setTimer(patienceMs, () =>
        fail(unreachable(path, 'it does not answer; is it stopped?')),
      )
      const endpoint = new Endpoint({
        channel,
        hello,
        role: 'caller',
        clock,
        log: silentLog,
        counters: newCounters(),
        heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
        listener: {
          session: (session) => {
            patience.cancel()
            resolve(new Client({ endpoint, session }))
          },
          call: () => undefined,
          // A daemon that was restarted has a new socket: this connection is over.
          sessionEnded: () => channel.close(),
          refused: (remote) => fail(refused(remote.agent)),
          closed: () => fail(unreachable(path, 'it closed the connection; its log says why')),
        },
      })
      endpoint.start()
    })
  }

  /** Ends the connection; calls under way are cancelled. */
  close(): void {
    this.#endpoint.close()
  }

  /**
   * Starts a call and gives its streams.
   * @throws {UsageError} `request-too-long`
   */
  call(
    { target, command, args = [] }: CallTarget,
    { timeoutMs, hasStdin = false, isTimed, signal }: CallOptions = {},
  ): Call {
    const stream = this.#open({ ask: 'run', target, command, args, timeoutMs, hasStdin, isTimed })
    const call = callOver(stream)
    if (!hasStdin) call.stdin.end()
    const cancel = (): void => call.cancel()
    signal?.addEventListener('abort', cancel)
    void call.result.then(() => signal?.removeEventListener('abort', cancel))
    if (signal?.aborted === true) cancel()
    return call
  }

  /** Makes a call and waits for its end. @throws {UsageError} `request-too-long` */
  async run(target: CallTarget, { stdin, ...options }: RunOptions = {}): Promise<Outcome> {
    const call = this.call(target, { ...options, hasStdin: stdin !== undefined })
    if (stdin !== undefined) call.stdin.end(stdin)
    return await outcomeOf(call)
  }

  /** The peers now. */
  async peers(): Promise<readonly PeerSummary[]> {
    return await this.#first(this.watchPeers())
  }

  /** The peers now and after each change; leave the loop to stop. */
  watchPeers(): AsyncGenerator<readonly PeerSummary[]> {
    return this.#follow(
      { ask: 'peers' },
      (value) => objectFrom(value, 'peers')['peers'] as readonly PeerSummary[],
    )
  }

  /** A peer's commands now. @throws {SystemError} `unreachable`, `timed-out` */
  async commands(target: string): Promise<readonly CatalogueEntry[]> {
    return await this.#first(this.watchCommands(target))
  }

  /** A peer's commands now and after each change; ends with an error when the peer leaves. @throws {SystemError} `unreachable` */
  watchCommands(target: string): AsyncGenerator<readonly CatalogueEntry[]> {
    return this.#follow({ ask: 'commands', target }, catalogueFrom)
  }

  /** One round trip to a peer's daemon, in milliseconds. @throws {SystemError} `unreachable`, `timed-out` */
  async ping(target: string, { timeoutMs }: { timeoutMs?: number | undefined } = {}): Promise<number> {
    const answer = await this.#first(
      this.#follow({ ask: 'ping', target, timeoutMs }, (value) => objectFrom(value, 'ping')),
    )
    return Number(answer['roundTripMs'])
  }

  /** Waits until a peer is ready. @throws {SystemError} `timed-out`, saying what state it is in */
  async wait(target: string, { timeoutMs }: { timeoutMs?: number | undefined } = {}): Promise<void> {
    await this.#first(this.#follow({ ask: 'wait', target, timeoutMs }, (value) => value))
  }

  /** How the daemon is: its own facts, and each peer's state and counters. */
  async status(): Promise<Readonly<Record<string, unknown>>> {
    return await this.#first(this.#follow({ ask: 'status' }, (value) => objectFrom(value, 'status')))
  }

  /**
   * Has something done with a managed guest's machine, and gives what is told of it, line by line; leave the loop to break it off.
   * @throws {SystemError} `denied`, `unreachable`, `failed-to-start`, `timed-out`, `cancelled`
   */
  machine(request: Omit<MachineRequest, 'ask'>): AsyncGenerator<Readonly<Record<string, unknown>>> {
    return this.#follow({ ask: 'machine', ...request }, (value) => objectFrom(value, 'machine'))
  }

  #open(request: Request): CallingStream {
    return this.#session.open(request)
  }

  async #first<Value>(values: AsyncGenerator<Value>): Promise<Value> {
    for await (const value of values) return value
    throw new PeerError('Cannot read the answer of the daemon: it is empty', { code: 'bad-message' })
  }

  async *#follow<Value>(request: Request, parse: (value: unknown) => Value): AsyncGenerator<Value> {
    const stream = this.#open(request)
    const lines = new LineQueue(stream)
    try {
      for (let next = await lines.next(); next !== undefined; next = await lines.next())
        yield parse(next.value)
      failUnlessDone(await stream.result)
    } finally {
      stream.cancel()
    }
  }
}

function failUnlessDone(result: Result): void {
  if ('reason' in result) throw new SystemError(result.reason, { code: result.kind })
}

async function openChannel(path: string): Promise<Channel> {
  try {
    return await connectSocket({ path })
  } catch (cause) {
    if (!(cause instanceof NegotiatorError) || cause.code === 'socket-path-too-long') throw cause
    const why = cause.message.replace(/^Cannot connect to the socket ".*?": /, '')
    throw unreachable(path, cause.code === 'socket-denied' ? why : `${why}; is it running?`)
  }
}

function unreachable(path: string, why: string): SystemError {
  return new SystemError(`Cannot reach the daemon on "${path}": ${why}`, { code: 'daemon-unreachable' })
}

function refused(agent: string): UsageError {
  return new UsageError(
    `Cannot talk to the daemon: it is version ${agent} and speaks another protocol; restart it`,
    { code: 'refused' },
  )
}
