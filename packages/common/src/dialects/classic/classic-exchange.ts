/**
 * python-negotiator's exchange, the serving side: one request at a time over a channel, answered in order.
 * Floor 6. Its clients come and go on a channel that does not tell, and none of them asks twice before it is answered.
 */
import type { Clock, Timer } from '../../clock.js'
import {
  classicEarlyMs,
  classicPatienceMs,
  classicQueueMax,
  classicRequestBytesMax,
  classicSettleMs,
} from '../../limits.js'
import type { Exchange, Letter } from '../exchange.js'
import { MessageReader } from './message-reader.js'

interface ClassicExchangeOptions {
  readonly clock: Clock
  readonly send: (bytes: Buffer) => void
  /** A request has come, which shows who is at the other end now; told before anybody receives it. */
  readonly onRequest: () => void
}

interface ArrivedLetter extends Letter {
  readonly arrivedMs: number
  isGiven: boolean
  /** Its channel ended as it came: its sender may be on the next one, of which we were told late. */
  isEarly: boolean
  /** The answer, while it waits for that channel. */
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
  /** The first one is being answered. */
  #letters: ArrivedLetter[] = []
  #lastId = 0
  #settling: Timer | undefined

  constructor(options: ClassicExchangeOptions) {
    this.#options = options
  }

  /** Takes bytes of the channel that are not of our own protocol. */
  take(bytes: Buffer): void {
    this.#reader.push(bytes)
  }

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
  }

  reply(id: number, body: Buffer | undefined): void {
    const [letter] = this.#letters
    if (letter?.id !== id) return
    if (letter.isEarly) letter.answer = body
    else if (body !== undefined) this.#send(body)
  }

  /**
   * The channel is over: nobody waits for what was asked on it. But a guest hears of a host by another way than from it, and
   * a request may come before its sender is announced, and before the one before is known to have left.
   */
  unplugged(): void {
    this.#settling?.cancel()
    this.#keep((letter) => this.#isYoungerThan(classicEarlyMs, letter))
    for (const letter of this.#letters) letter.isEarly = true
  }

  /** There is a channel. Whoever is on it asks at once, or has asked already. */
  plugged(): void {
    this.#keep((letter) => this.#isYoungerThan(classicPatienceMs, letter))
    this.#settling = this.#options.clock.setTimer(classicSettleMs, () => this.#settle())
  }

  #settle(): void {
    const [first] = this.#letters
    for (const letter of this.#letters) letter.isEarly = false
    if (first?.answer !== undefined) this.#send(first.answer)
  }

  #send(body: Buffer): void {
    this.#options.send(body)
    this.#letters.shift()
    this.#giveNext()
  }

  #arrived(body: Buffer): void {
    const arrivedMs = this.#options.clock.now()
    this.#options.onRequest()
    // Its clients wait for their answer and do nothing else: whoever asked so long ago and is passed over has left, and the
    // answer would be taken for the next one's.
    this.#keep((letter) => !letter.isEarly && this.#isYoungerThan(classicPatienceMs, letter))
    if (this.#letters.length >= classicQueueMax || this.#bytesWith(body) > classicRequestBytesMax) return
    this.#lastId += 1
    this.#letters.push({
      id: this.#lastId,
      body,
      arrivedMs,
      isGiven: false,
      isEarly: false,
      answer: undefined,
    })
    this.#giveNext()
  }

  #bytesWith(body: Buffer): number {
    return this.#letters.reduce((sum, letter) => sum + letter.body.length, body.length)
  }

  #keep(isKept: (letter: ArrivedLetter) => boolean): void {
    this.#letters = this.#letters.filter((letter) => isKept(letter))
    this.#giveNext()
  }

  #isYoungerThan(ageMs: number, { arrivedMs }: ArrivedLetter): boolean {
    return this.#options.clock.now() - arrivedMs < ageMs
  }

  #giveNext(): void {
    const [letter] = this.#letters
    if (letter === undefined || letter.isGiven) return
    letter.isGiven = true
    this.#receive(letter)
  }
}
