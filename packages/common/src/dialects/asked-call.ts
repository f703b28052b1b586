/**
 * A call that another agent is asked for, as its caller sees it: no output but words for people, and no way to end it.
 * Floor 6.
 */
import type { OutgoingCall } from '../call/call.js'
import type { Clock, Timer } from '../clock.js'
import type { LaneSink } from '../session/lane.js'
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import type { AskableAgent, AskedEnd } from './dialect.js'
import { GivenOutput } from './given-output.js'

interface AskedCallOptions {
  readonly agent: AskableAgent
  readonly request: RunRequest
  readonly clock: Clock
}

/** One call; it is under way at once. */
export class AskedCall implements OutgoingCall {
  readonly stdin: LaneSink = new UnreadInput()
  readonly stdout: GivenOutput = new GivenOutput()
  readonly stderr: GivenOutput = new GivenOutput()
  readonly result: Promise<Result>
  readonly #deadline: Timer | undefined
  #resolve: (result: Result) => void = () => undefined

  constructor({ agent, request, clock }: AskedCallOptions) {
    this.result = new Promise((resolve) => (this.#resolve = resolve))
    const { timeoutMs } = request
    if (timeoutMs !== undefined)
      this.#deadline = clock.setTimer(timeoutMs, () => this.#giveUp('timed-out', "the call's time was over"))
    this.stdout.give(Buffer.alloc(0))
    void agent.ask(request).then((end) => this.#finish(end))
  }

  cancel(): void {
    this.#giveUp('cancelled', 'the caller left')
  }

  signal(): void {
    // Other agents' protocols have no signals.
  }

  #giveUp(kind: 'cancelled' | 'timed-out', why: string): void {
    this.#finish({
      result: { kind, reason: `${why}; what was asked for may be done all the same` },
      words: '',
    })
  }

  /** The first end counts. */
  #finish({ result, words }: AskedEnd): void {
    this.#deadline?.cancel()
    this.stderr.give(Buffer.from(words))
    this.#resolve(result)
  }
}

/** Input that nobody wants; its producer is not held up. */
class UnreadInput implements LaneSink {
  onDrained: () => void = () => undefined

  write(): boolean {
    return true
  }

  end(): void {
    // Nobody waits for it.
  }
}
