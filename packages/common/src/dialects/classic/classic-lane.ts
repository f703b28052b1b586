/**
 * The way to a python-negotiator peer: one errand at a time, the others wait their turn.
 * Floor 6. The old protocol numbers nothing: an answer that comes late looks like the answer to the next question. So before
 * each errand we ask for a method that nobody has, with a random name: the peer's refusal names it, and whatever came before
 * that is old. It is the sign of life, too, without which nothing is sent that might be run late.
 */
import type { Clock, Timer } from '../../clock.js'
import { heartbeatDeadMs } from '../../limits.js'
import {
  classicAskMs,
  classicMessageBytesMax,
  classicProbeMs,
  classicUnaskedBytesMax,
} from '../dialect-limits.js'
import { newToken, readAnswer } from './answer.js'
import type { Answer } from './answer.js'
import { encodeRequest } from './message.js'
import { MessageReader } from './message-reader.js'

interface ClassicLaneOptions {
  readonly clock: Clock
  readonly send: (bytes: Buffer) => void
  /** Sends our own opening once more: the peer may have been upgraded. */
  readonly knock: () => void
  /** `isThere` has changed. */
  readonly onChange: () => void
}

/** Something to ask the peer once it is its turn. Exactly one of the last three is called, once. */
export interface Errand {
  /** The peer has answered after so long; `undefined`: there is nothing more to ask. Else the errand counts as sent. */
  message(roundTripMs: number): Buffer | undefined
  answered(answer: Answer): void
  /** Nothing was sent. */
  unreachable(why: string): void
  /** It was sent, and its answer will never come. */
  lost(why: string): void
}

/** The way to one peer over one channel. */
export class ClassicLane {
  readonly #options: ClassicLaneOptions
  readonly #reader: MessageReader
  #isThere = false
  #queue: Errand[] = []
  #current: Errand | undefined
  #isSent = false
  /** The peer may still be at an errand that was given up, and answers nothing before that is done. */
  #isPeerBusy = false
  /** The names that we wait to see refused, and when each was sent. */
  readonly #tokens = new Map<string, number>()
  #timer: Timer | undefined

  constructor(options: ClassicLaneOptions) {
    this.#options = options
    this.#reader = new MessageReader(
      (message) => this.#take(readAnswer(message)),
      () => (this.#isSent || this.#isPeerBusy ? classicMessageBytesMax : classicUnaskedBytesMax),
    )
  }

  /** Whether there is a python-negotiator peer, as far as we know. */
  get isThere(): boolean {
    return this.#isThere
  }

  /** Errands that wait or are under way. */
  get errandCount(): number {
    return this.#queue.length + (this.#current === undefined ? 0 : 1)
  }

  /** Takes bytes of the channel that are not of our own protocol. */
  push(bytes: Buffer): void {
    this.#reader.push(bytes)
  }

  /** Asks for something, once it is its turn. */
  add(errand: Errand): void {
    if (!this.#isThere) return errand.unreachable('it does not answer')
    this.#queue.push(errand)
    this.#next()
  }

  /** Nobody wants an errand's answer any more; it is told nothing. */
  giveUp(errand: Errand): void {
    this.#queue = this.#queue.filter((waiting) => waiting !== errand)
    if (errand !== this.#current) return
    this.#isPeerBusy ||= this.#isSent
    this.#finish(() => undefined)
  }

  /** The channel is over, or the peer is one of ours now. */
  close(why: string): void {
    this.#timer?.cancel()
    this.#isPeerBusy = false
    this.#setThere(false)
    this.#loseAll(why)
  }

  #take(answer: Answer): void {
    if (answer.kind === 'opening-refused') return this.#found()
    if (answer.kind === 'token-refused') return this.#heard(answer.token)
    // Not asked for by what is under way: the late answer to something that was given up.
    if (this.#isSent) this.#finish((errand) => errand.answered(answer))
  }

  #found(): void {
    if (this.#isThere) return
    this.#setThere(true)
    this.#next()
  }

  #heard(token: string): void {
    const sentMs = this.#tokens.get(token)
    if (sentMs === undefined) return
    this.#tokens.clear()
    this.#isPeerBusy = false
    // Answers come in order, so the one that we wait for was lost together with whoever should have given it.
    if (this.#isSent) return this.#finish((errand) => errand.lost('the other side was restarted'))
    const message = this.#current?.message(this.#options.clock.now() - sentMs)
    if (message === undefined) return this.#finish(() => undefined)
    this.#isSent = true
    this.#options.send(message)
    this.#setTimer(heartbeatDeadMs, () => this.#askMeanwhile(2 * heartbeatDeadMs))
  }

  #next(): void {
    if (!this.#isThere || this.#current !== undefined) return
    this.#current = this.#queue.shift()
    if (this.#current === undefined) this.#setTimer(classicProbeMs, () => this.#probe())
    else this.#ask({ sinceMs: this.#options.clock.now(), againMs: classicAskMs })
  }

  #finish(tell: (errand: Errand) => void): void {
    const errand = this.#current
    this.#current = undefined
    this.#isSent = false
    if (errand !== undefined) tell(errand)
    this.#next()
  }

  /** Asks whether somebody is there, and again ever more rarely, until there is an answer or no hope. */
  #ask({ sinceMs, againMs }: { sinceMs: number; againMs: number }): void {
    this.#sendToken()
    this.#setTimer(againMs, () => {
      if (this.#options.clock.now() - sinceMs >= heartbeatDeadMs && !this.#isPeerBusy)
        return this.close('it does not answer')
      this.#ask({ sinceMs, againMs: Math.min(2 * againMs, classicProbeMs) })
    })
  }

  /**
   * While a command runs the peer says nothing. If it answers this before that, the command's answer will never come: so a
   * call whose peer was restarted ends after at most twice the time that it has taken until then.
   */
  #askMeanwhile(againMs: number): void {
    this.#sendToken()
    this.#setTimer(againMs, () => this.#askMeanwhile(Math.min(2 * againMs, classicProbeMs)))
  }

  /** Nothing is under way: is it still there, and still what it was? */
  #probe(): void {
    this.#options.knock()
    this.#ask({ sinceMs: this.#options.clock.now(), againMs: classicAskMs })
  }

  #sendToken(): void {
    const token = newToken()
    this.#tokens.set(token, this.#options.clock.now())
    this.#options.send(encodeRequest({ method: token, args: [], kw: {} }))
  }

  #loseAll(why: string): void {
    const [current, isSent, waiting] = [this.#current, this.#isSent, this.#queue]
    this.#current = undefined
    this.#isSent = false
    this.#queue = []
    this.#tokens.clear()
    if (isSent) current?.lost(why)
    else current?.unreachable(why)
    for (const errand of waiting) errand.unreachable(why)
  }

  #setThere(isThere: boolean): void {
    if (this.#isThere === isThere) return
    this.#isThere = isThere
    this.#options.onChange()
  }

  #setTimer(delayMs: number, action: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimer(delayMs, action)
  }
}
