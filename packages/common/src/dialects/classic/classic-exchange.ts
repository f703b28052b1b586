/**
 * python-negotiator's exchange, the serving side: one request at a time over a channel, answered in order.
 * Floor 6. Its clients come and go on a channel that does not tell, and none of them asks twice before it is answered.
 */
import type { Clock } from '../../clock.js'
import { classicPatienceMs, classicQueueMax } from '../../limits.js'
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
}

/** Requests out of bytes, answers into bytes. */
export class ClassicExchange implements Exchange {
  readonly #options: ClassicExchangeOptions
  readonly #reader = new MessageReader((_message, body) => this.#arrived(Buffer.from(body)))
  #receive: (letter: Letter) => void = () => undefined
  /** The first one is being answered. */
  #letters: ArrivedLetter[] = []
  #lastId = 0

  constructor(options: ClassicExchangeOptions) {
    this.#options = options
  }

  /** Takes bytes of the channel that are not of our own protocol. */
  push(bytes: Buffer): void {
    this.#reader.push(bytes)
  }

  start(receive: (letter: Letter) => void): void {
    this.#receive = receive
  }

  reply(id: number, body: Buffer): void {
    if (this.#letters[0]?.id !== id) return
    this.#options.send(body)
    this.#letters.shift()
    this.#giveNext()
  }

  /** The channel is another one now: nobody waits for what was asked on the old one. */
  forget(): void {
    this.#letters = []
  }

  #arrived(body: Buffer): void {
    const { clock, onRequest } = this.#options
    const nowMs = clock.now()
    onRequest()
    // Its clients wait for their answer and do nothing else: whoever asked so long ago and is passed over has left, and the
    // answer would be taken for the next one's.
    this.#letters = this.#letters.filter(({ arrivedMs }) => nowMs - arrivedMs < classicPatienceMs)
    if (this.#letters.length >= classicQueueMax) return
    this.#lastId += 1
    this.#letters.push({ id: this.#lastId, body, arrivedMs: nowMs })
    if (this.#letters.length === 1) this.#giveNext()
  }

  #giveNext(): void {
    const [letter] = this.#letters
    if (letter !== undefined) this.#receive(letter)
  }
}
