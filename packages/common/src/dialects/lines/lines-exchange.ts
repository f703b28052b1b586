/**
 * The exchange of protocols that send a line and get a line, over a channel.
 * Floor 6. Every line gets its turn: what is too long, or one too many, is a letter, too. What answers wait for the channel, and
 * new letters for them, so a peer that does not read its answers is not read either.
 */
import type { Channel } from '../../channel/channel.js'
import { lineBytesMax, linesPushBytesMax, linesWaitingBytesMax, linesWaitingMax } from '../../limits.js'
import type { Letter, LetterFault, MountableExchange } from '../exchange.js'
import { LineReader } from './line-reader.js'

interface LinesExchangeOptions {
  readonly channel: Channel
  /** What ends our lines; theirs may end as they like. */
  readonly lineEnd: string
  /** Letters that are given before the first of them is answered: 1 where answers tell not what they answer. */
  readonly atOnceMax: number
}

/** What waits for its turn. */
interface Waiting {
  readonly body: Buffer
  readonly fault: LetterFault | undefined
  /** So many alike. */
  count: number
}

const nothing: Buffer = Buffer.alloc(0)

/** Letters out of lines, lines out of answers, for as long as the channel lasts. */
export class LinesExchange implements MountableExchange {
  readonly ended: Promise<Error | undefined>
  readonly #options: LinesExchangeOptions
  readonly #reader: LineReader
  readonly #lineEnd: Buffer
  readonly #given = new Set<number>()
  #receive: (letter: Letter) => void = () => undefined
  #end: (cause?: Error) => void = () => undefined
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #unsentBytes = 0
  #isWritable = true
  #isOver = false
  #isGiving = false
  #lastId = 0

  constructor(options: LinesExchangeOptions) {
    this.#options = options
    this.#lineEnd = Buffer.from(options.lineEnd)
    this.ended = new Promise((resolve) => (this.#end = resolve))
    this.#reader = new LineReader({
      lineBytesMax,
      line: (body) => this.#arrived(body, undefined),
      tooLong: () => this.#arrived(nothing, 'too-long'),
    })
  }

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
    this.#options.channel.start({
      bytes: (chunk) => this.#reader.push(chunk),
      drained: () => this.#drained(),
      closed: (cause) => this.#closed(cause),
    })
  }

  reply(id: number, body: Buffer | undefined): void {
    if (!this.#given.delete(id)) return
    if (body !== undefined) this.#send(body)
    this.#giveNext()
  }

  push(body: Buffer): boolean {
    if (this.#isOver || this.#unsentBytes + body.length > linesPushBytesMax) return false
    this.#send(body)
    return true
  }

  close(): void {
    this.#options.channel.close()
  }

  #arrived(body: Buffer, fault: LetterFault | undefined): void {
    const isFull =
      this.#waiting.length >= linesWaitingMax || this.#waitingBytes + body.length > linesWaitingBytesMax
    if (isFull) this.#tooMany()
    else this.#wait(body, fault)
    this.#giveNext()
  }

  /** What came before is answered first, and a million of them take no more than one. */
  #tooMany(): void {
    const last = this.#waiting.at(-1)
    if (last?.fault === 'too-many') last.count += 1
    else this.#wait(nothing, 'too-many')
  }

  #wait(body: Buffer, fault: LetterFault | undefined): void {
    // A line may be a part of a large chunk, which would stay as long as it waits.
    this.#waiting.push({ body: Buffer.from(body), fault, count: 1 })
    this.#waitingBytes += body.length
  }

  #giveNext(): void {
    if (this.#isGiving) return
    this.#isGiving = true
    while (this.#canGive()) this.#give()
    this.#isGiving = false
  }

  #canGive(): boolean {
    return this.#waiting.length > 0 && this.#isWritable && this.#given.size < this.#options.atOnceMax
  }

  #give(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    first.count -= 1
    if (first.count === 0) {
      this.#waiting.shift()
      this.#waitingBytes -= first.body.length
    }
    this.#lastId += 1
    this.#given.add(this.#lastId)
    this.#receive({ id: this.#lastId, body: first.body, fault: first.fault })
  }

  #send(body: Buffer): void {
    this.#isWritable = this.#options.channel.write(Buffer.concat([body, this.#lineEnd]))
    this.#unsentBytes = this.#isWritable ? 0 : this.#unsentBytes + body.length + this.#lineEnd.length
  }

  #drained(): void {
    this.#isWritable = true
    this.#unsentBytes = 0
    this.#giveNext()
  }

  /** Whoever comes next on the channel has asked none of this. */
  #closed(cause: Error | undefined): void {
    this.#isOver = true
    this.#waiting = []
    this.#waitingBytes = 0
    this.#given.clear()
    this.#end(cause)
  }
}
