/**
 * The exchange of protocols that send a line and get a line, over a channel.
 * Floor 6. Every line gets its turn: what is too long, or one too many, is a letter, too. What answers wait for the channel, and
 * new letters for them, so a peer that does not read its answers is not read either.
 */
import type { Channel } from '../../channel/channel.js'
import {
  legacyLineBytesMax,
  linesPushBytesMax,
  linesWaitingBytesMax,
  linesWaitingMax,
} from '../dialect-limits.js'
import type { EarlyLetters } from '../early-letters.js'
import type { Letter, LetterFault, MountableExchange } from '../exchange.js'
import { LineReader } from './line-reader.js'

interface LinesExchangeOptions {
  readonly channel: Channel
  /** What ends our lines; theirs may end as they like. */
  readonly lineEnd: string
  /** Letters that are given before the first of them is answered: 1 where answers tell not what they answer. */
  readonly atOnceMax: number
  /** What may be of whoever is on the next channel; absent where nothing comes before its sender. */
  readonly early?: EarlyLetters<EarlyLine> | undefined
}

/** A line without an answer; it waits for its turn, or was given and its answer is to come. */
export type EarlyLine = Waiting | Answered

/** What waits for its turn. */
interface Waiting {
  readonly arrivedMs: number
  readonly body: Buffer
  readonly fault: LetterFault | undefined
  /** So many alike. */
  count: number
}

/** What was given. */
interface Given {
  readonly arrivedMs: number
  /** Told the answer. */
  answer: (body: Buffer | undefined) => void
}

/** What was given on a channel that is over. */
interface Answered {
  readonly arrivedMs: number
  readonly answer: Promise<Buffer | undefined>
}

const nothing: Buffer = Buffer.alloc(0)

/** Letters out of lines, lines out of answers, for as long as the channel lasts. */
export class LinesExchange implements MountableExchange {
  readonly ended: Promise<Error | undefined>
  readonly #options: LinesExchangeOptions
  readonly #reader: LineReader
  readonly #lineEnd: Buffer
  readonly #given = new Map<number, Given>()
  #receive: (letter: Letter) => void = () => undefined
  #end: (cause?: Error) => void = () => undefined
  #waiting: Waiting[] = []
  #waitingBytes = 0
  /** Answers that the channel may still lose. */
  #unsent: Answered[] = []
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
      lineBytesMax: legacyLineBytesMax,
      line: (body) => this.#arrived(body, undefined),
      tooLong: () => this.#arrived(nothing, 'too-long'),
    })
  }

  start(receive: (letter: Letter) => void): void {
    const { channel, early } = this.#options
    this.#receive = receive
    early?.plugged((lines) => this.#adopt(lines))
    channel.start({
      bytes: (chunk) => {
        early?.forget()
        this.#reader.push(chunk)
      },
      drained: () => this.#drained(),
      closed: (cause) => this.#closed(cause),
    })
  }

  reply(id: number, body: Buffer | undefined): void {
    const given = this.#given.get(id)
    if (given === undefined) return
    this.#given.delete(id)
    given.answer(body)
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
    const arrivedMs = this.#options.early?.nowMs ?? 0
    this.#enqueue({ arrivedMs, body: Buffer.from(body), fault, count: 1 })
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#waitingBytes += waiting.body.length
  }

  /** Takes what came on the channel before for the peer's own. */
  #adopt(lines: readonly EarlyLine[]): void {
    for (const line of lines) {
      if (!('answer' in line)) this.#enqueue(line)
      else {
        const id = this.#expect(line.arrivedMs)
        void line.answer.then((body) => this.reply(id, body))
      }
    }
    this.#giveNext()
  }

  /** @returns the id of a letter that is to be answered */
  #expect(arrivedMs: number): number {
    this.#lastId += 1
    this.#given.set(this.#lastId, { arrivedMs, answer: (body) => this.#answer(arrivedMs, body) })
    return this.#lastId
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
    const id = this.#expect(first.arrivedMs)
    this.#receive({ id, body: first.body, fault: first.fault })
  }

  #answer(arrivedMs: number, body: Buffer | undefined): void {
    if (body === undefined) return
    this.#unsent.push({ arrivedMs, answer: Promise.resolve(body) })
    this.#send(body)
    // A channel that is over takes what is written, too, and tells its end a moment later.
    queueMicrotask(() => this.#sent())
  }

  #sent(): void {
    if (this.#isWritable) this.#unsent = []
  }

  #send(body: Buffer): void {
    this.#isWritable = this.#options.channel.write(Buffer.concat([body, this.#lineEnd]))
    this.#unsentBytes = this.#isWritable ? 0 : this.#unsentBytes + body.length + this.#lineEnd.length
  }

  #drained(): void {
    this.#isWritable = true
    this.#unsentBytes = 0
    this.#sent()
    this.#giveNext()
  }

  /** Whoever comes next on the channel has asked none of this, but for what came a moment ago. */
  #closed(cause: Error | undefined): void {
    this.#isOver = true
    const given = [...this.#given.values()].map((letter) => ({
      arrivedMs: letter.arrivedMs,
      answer: new Promise<Buffer | undefined>((resolve) => (letter.answer = resolve)),
    }))
    this.#options.early?.unplugged([...this.#unsent, ...given, ...this.#waiting])
    this.#waiting = []
    this.#waitingBytes = 0
    this.#unsent = []
    this.#end(cause)
  }
}
