/**
 * A connection to a XenStore daemon, over its socket or whatever channel leads to it: questions, answers, watch events.
 * Floor 6. Questions go out as they come and are answered by number; one that is not answered in time ends the connection.
 */
import type { Channel } from '../../channel/channel.js'
import type { Clock, Timer } from '../../clock.js'
import { NegotiatorError, PeerError } from '../../errors.js'
import { xenStoreAnswerMs } from '../xen-limits.js'
import { encodeXenStoreMessage, MessageType, textsIn, XenStoreReader } from './message.js'
import type { XenStoreMessage } from './message.js'

/** What is asked. */
export interface Question {
  readonly type: number
  readonly transactionId: number
  readonly payload: Buffer
}

interface ConnectionOptions {
  /** Not started yet; it belongs to the connection from now on. */
  readonly channel: Channel
  readonly clock: Clock
  readonly onEvent: (event: { readonly path: string; readonly token: string }) => void
}

interface Waiting {
  readonly resolve: (answer: XenStoreMessage) => void
  readonly reject: (cause: Error) => void
  readonly timer: Timer
}

/** The daemon's answer was an error, by its name: `ENOENT`, `EACCES`, `EAGAIN`, ... */
export class XenStoreError extends PeerError {
  readonly errno: string

  constructor(path: string, errno: string) {
    super(`Cannot use "${path.slice(0, 100)}" in XenStore: its daemon says ${errno}`, {
      code: 'xenstore-refused',
    })
    this.errno = errno
  }
}

/** The daemon's error name of an error, if it is one of its. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof XenStoreError ? error.errno : undefined
}

/** One connection. */
export class XenStoreConnection {
  /** Fulfilled when it is over, with the cause if there is one. */
  readonly ended: Promise<Error | undefined>
  readonly #options: ConnectionOptions
  readonly #reader = new XenStoreReader()
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #cause: Error | undefined
  #isOver = false
  #end: (cause: Error | undefined) => void = () => undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.ended = new Promise((resolve) => (this.#end = resolve))
    options.channel.start({
      bytes: (chunk) => this.#take(chunk),
      drained: () => undefined,
      closed: (cause) => this.#over(cause),
    })
  }

  /**
   * Asks.
   * @returns the answer's payload
   * @throws {XenStoreError} when the answer is an error; {@link PeerError} `xenstore-lost`, `xenstore-silent`, `xenstore-too-long`
   */
  async ask({ type, transactionId, payload }: Question): Promise<Buffer> {
    if (this.#isOver) throw lost(this.#cause)
    const { channel, clock } = this.#options
    const requestId = (this.#lastId = (this.#lastId % 0xffff_ffff) + 1)
    const bytes = encodeXenStoreMessage({ type, requestId, transactionId, payload })
    const answer = await new Promise<XenStoreMessage>((resolve, reject) => {
      const timer = clock.setTimer(xenStoreAnswerMs, () => this.#fail(silent()))
      this.#waiting.set(requestId, { resolve, reject, timer })
      channel.write(bytes)
    })
    if (answer.type !== MessageType.error) return answer.payload
    throw new XenStoreError(textsIn(payload)[0] ?? '', textsIn(answer.payload)[0] ?? '')
  }

  close(): void {
    this.#options.channel.close()
  }

  #take(chunk: Buffer): void {
    try {
      for (const message of this.#reader.push(chunk)) this.#tell(message)
    } catch (error) {
      if (!(error instanceof NegotiatorError)) throw error
      this.#fail(error)
    }
  }

  #tell(message: XenStoreMessage): void {
    if (message.type === MessageType.watchEvent) {
      const [path = '', token = ''] = textsIn(message.payload)
      return this.#options.onEvent({ path, token })
    }
    const waiting = this.#waiting.get(message.requestId)
    this.#waiting.delete(message.requestId)
    waiting?.timer.cancel()
    waiting?.resolve(message)
  }

  #fail(cause: Error): void {
    this.#cause ??= cause
    this.close()
  }

  #over(cause: Error | undefined): void {
    this.#isOver = true
    this.#cause ??= cause
    for (const { reject, timer } of this.#waiting.values()) {
      timer.cancel()
      reject(lost(this.#cause))
    }
    this.#waiting.clear()
    this.#end(this.#cause)
  }
}

function lost(cause: Error | undefined): PeerError {
  const why = cause === undefined ? '' : ` (${cause.message})`
  return new PeerError(`Cannot use XenStore: the connection to its daemon is over${why}`, {
    code: 'xenstore-lost',
    cause,
  })
}

function silent(): PeerError {
  return new PeerError(`Cannot use XenStore: its daemon has not answered for ${xenStoreAnswerMs / 1000} s`, {
    code: 'xenstore-silent',
  })
}
