/**
 * A python-negotiator as strict as the real one: a line that is no count ends it, two messages in one block end it, and it
 * does one thing at a time.
 * Floor 6, for tests. It shows what our bytes do to such a peer, and says only what a test lets it say.
 */
import type { PairedChannel } from '../../channel/paired-channels.js'
import { classicBlockBytes } from '../../limits.js'

/** A request as it arrived. */
export interface OldRequest {
  readonly method: string
  readonly args: readonly unknown[]
  readonly kw: Readonly<Record<string, unknown>>
}

/** What it answers; `undefined`: not now. */
export type OldAnswers = (request: OldRequest) => object | undefined

/** One end of a channel. */
export class OldPeer {
  readonly #channel: PairedChannel
  /** Requests in the order of their arrival, ours that it does not know included. */
  readonly requests: OldRequest[] = []
  readonly #waiting: ((message: unknown) => void)[] = []
  #answers: OldAnswers | undefined
  #bytes = Buffer.alloc(0)
  /** What a long message still lacks comes in here, for joining it at each piece would take ages. */
  #pieces: Buffer[] = []
  #wantedBytes = 0
  /** The line that it could not read and of which it died, or `Illegal seek`. */
  diedOf: string | undefined

  constructor(channel: PairedChannel) {
    this.#channel = channel
    channel.start({ bytes: (chunk) => this.#push(chunk), drained: () => undefined, closed: () => undefined })
  }

  /** Becomes a daemon that serves. */
  serve(answers: OldAnswers): this {
    this.#answers = answers
    return this
  }

  /** Its process ends and another one takes its place; what it had not read is gone. */
  restart(): void {
    this.#bytes = Buffer.alloc(0)
    this.#pieces = []
    this.#wantedBytes = 0
    this.diedOf = undefined
    this.#waiting.length = 0
  }

  /** Writes bytes as they are. */
  write(bytes: Buffer | string): void {
    this.#channel.write(Buffer.from(bytes))
  }

  /** Sends a message. */
  send(value: object): void {
    this.write(messageOf(value))
  }

  /** Calls a method as its program does, and waits for the next thing that comes. */
  async call(method: string, args: readonly unknown[] = [], kw: object = {}): Promise<unknown> {
    this.send({ args, method, kw })
    return await this.next()
  }

  /** The next message that comes. */
  async next(): Promise<unknown> {
    return await new Promise((resolve) => this.#waiting.push(resolve))
  }

  #push(chunk: Buffer): void {
    if (this.diedOf !== undefined) return
    this.#pieces.push(chunk)
    this.#wantedBytes -= chunk.length
    if (this.#wantedBytes > 0) return
    this.#bytes = Buffer.concat([this.#bytes, ...this.#pieces])
    this.#pieces = []
    for (let message = this.#take(); message !== undefined; message = this.#take())
      if (this.diedOf === undefined) this.#receive(message.value)
  }

  #take(): { readonly value: unknown } | undefined {
    const lineEnd = this.#bytes.indexOf('\n')
    if (lineEnd < 0) return undefined
    const line = this.#bytes.toString('latin1', 0, lineEnd).trim()
    if (!/^[0-9]+$/.test(line)) {
      this.diedOf = line
      return undefined
    }
    const end = lineEnd + 1 + Number(line)
    this.#wantedBytes = end - this.#bytes.length
    if (this.#wantedBytes > 0) return undefined
    const value: unknown = JSON.parse(this.#bytes.toString('utf8', lineEnd + 1, end))
    this.#bytes = this.#bytes.subarray(end)
    // A daemon's one C stream reads by blocks, and cannot go back to what it has read too much before it answers.
    const isBlockOver = end % classicBlockBytes === 0 || this.#bytes.length === 0
    if (this.#answers !== undefined && !isBlockOver) this.diedOf = 'Illegal seek'
    return { value }
  }

  #receive(value: unknown): void {
    if (this.#answers === undefined) {
      this.#waiting.shift()?.(value)
      return
    }
    const request = value as OldRequest
    this.requests.push(request)
    const isOurs = request.method.startsWith('negotiator-')
    const answer = isOurs
      ? { success: false, error: `Method ${request.method} not supported` }
      : this.#answers(request)
    if (answer !== undefined) this.send(answer)
  }
}

/** A message with Python's blanks. */
export function messageOf(value: object): string {
  const json = JSON.stringify(value)
  return `${Buffer.byteLength(json)}\n${json}`
}
