/**
 * python-negotiator's exchange, the serving side: one request at a time over a channel, answered in order.
 * Floor 6. Its clients come and go on a channel that does not tell, and none of them asks twice before it is answered.
 */
import type { Clock } from '../../clock.js'
import { classicPatienceMs, classicQueueMax, classicRequestBytesMax } from '../dialect-limits.js'
import { EarlyLetters } from '../early-letters.js'
import type { Exchange, Letter } from '../exchange.js'
import { MessageReader } from './message-reader.js'

interface ClassicExchangeOptions {
  readonly clock: Clock
  /** @returns whether all of it has left us; what has not is lost with its channel */
  readonly send: (bytes: Buffer) => boolean
  /** A request has come, which shows who is at the other end now; told before anybody receives it. */
  readonly onRequest: () => void
}

interface ArrivedLetter extends Letter {
  readonly arrivedMs: number
  /** The answer, while it waits for the next channel. */
  answer: Buffer | undefined
}

/** Requests out of bytes, answers into bytes. */
export class ClassicExchange implements Exchange {
  readonly #options: ClassicExchangeOptions
  readonly #reader = new MessageReader(
    (_message, body) => this.#arrived(Buffer.from(body)),
    () => classicRequestBytesMax,
  )
  #receive: (letter: Letter) => void = () => undefined
  readonly #early: EarlyLetters<ArrivedLetter>
  /** The first one is being answered. */
  #letters: ArrivedLetter[] = []
  #given: ArrivedLetter | undefined
  /** Answered, but its channel may still lose the answer. */
  #unsent: ArrivedLetter | undefined
  #lastId = 0

  constructor(options: ClassicExchangeOptions) {
    this.#options = options
    this.#early = new EarlyLetters(options.clock)
  }

  /** Takes bytes of the channel that are not of our own protocol. */
  take(bytes: Buffer): void {
    this.#reader.push(bytes)
  }

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
  }

  reply(id: number, body: Buffer | undefined): void {
    if (this.#given?.id !== id) return
    this.#given.answer = body
    if (this.#given === this.#letters[0]) this.#send(this.#given)
  }

  /** What was sent has left us. */
  drained(): void {
    this.#unsent = undefined
  }

  /** The channel is over: nobody waits for what was asked on it, but for the last, whose client may be on the next one. */
  unplugged(): void {
    const last = this.#letters.at(-1) ?? this.#unsent
    this.#early.unplugged(last === undefined ? [] : [last])
    this.#letters = []
    this.#unsent = undefined
  }

  /** There is a channel. */
  plugged(): void {
    this.#early.plugged((letters) => {
      const [letter] = letters
      this.#letters = [...letters]
      if (letter?.answer === undefined) this.#giveNext()
      else this.#send(letter)
    })
  }

  #send(letter: ArrivedLetter): void {
    if (letter.answer === undefined) return
    this.#given = undefined
    this.#unsent = letter
    this.#letters.shift()
    // A channel that is over takes what is written, too, and tells its end a moment later.
    if (this.#options.send(letter.answer)) queueMicrotask(() => this.drained())
    this.#giveNext()
  }

  #arrived(body: Buffer): void {
    const arrivedMs = this.#options.clock.now()
    this.#options.onRequest()
    // Its clients wait for their answer and do nothing else: whoever asked so long ago and is passed over has left, and the
    // answer would be taken for the next one's.
    this.#early.forget()
    this.#unsent = undefined
    this.#letters = this.#letters.filter((letter) => arrivedMs - letter.arrivedMs < classicPatienceMs)
    this.#giveNext()
    if (this.#letters.length >= classicQueueMax || this.#bytesWith(body) > classicRequestBytesMax) return
    this.#lastId += 1
    this.#letters.push({ id: this.#lastId, body, arrivedMs, answer: undefined })
    this.#giveNext()
  }

  #bytesWith(body: Buffer): number {
    return this.#letters.reduce((sum, letter) => sum + letter.body.length, body.length)
  }

  #giveNext(): void {
    const [letter] = this.#letters
    if (letter === undefined || letter === this.#given) return
    this.#given = letter
    this.#receive(letter)
  }
}
