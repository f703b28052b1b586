/**
 * A call to a python-negotiator peer, as its caller sees it: input is collected first, output comes in one piece at the end.
 * Floor 6. The old protocol has no standard error, no signals, no way to end a command, and carries text only.
 */
import { isUtf8 } from 'node:buffer'
import type { OutgoingCall } from '../../call/call.js'
import type { LaneSink } from '../../session/lane.js'
import type { Clock, Timer } from '../../clock.js'
import { classicOutputBytesMax } from '../dialect-limits.js'
import { GivenOutput } from '../given-output.js'
import type { SignalName } from '../../wire/message.js'
import type { RunRequest } from '../../wire/request.js'
import type { Result } from '../../wire/result.js'

interface OutgoingClassicCallOptions {
  readonly request: RunRequest
  readonly clock: Clock
  /** The input is complete: the call may be sent. */
  readonly onReady: (call: OutgoingClassicCall) => void
  /** The caller has left or the call's time is over: it is finished, whatever the peer does. */
  readonly onGivenUp: (call: OutgoingClassicCall) => void
  readonly onSignal: (name: SignalName) => void
}

/** One call. */
export class OutgoingClassicCall implements OutgoingCall {
  readonly request: RunRequest
  readonly stdin: LaneSink
  readonly stdout: GivenOutput = new GivenOutput()
  readonly stderr: GivenOutput = new GivenOutput()
  readonly result: Promise<Result>
  readonly #options: OutgoingClassicCallOptions
  readonly #deadline: Timer | undefined
  readonly #input: CollectedInput
  #resolve: (result: Result) => void = () => undefined
  #isFinished = false
  /** Whether the peer may be running it: then giving up does not undo it. */
  isSent = false

  constructor(options: OutgoingClassicCallOptions) {
    const { request, clock } = options
    this.request = request
    this.#options = options
    this.result = new Promise((resolve) => (this.#resolve = resolve))
    this.#input = new CollectedInput(() => this.#inputEnded())
    this.stdin = this.#input
    if (request.timeoutMs !== undefined)
      this.#deadline = clock.setTimer(request.timeoutMs, () =>
        this.#giveUp('timed-out', "the call's time was over"),
      )
  }

  /** Begins: without input at once, else when the input has ended. Called once. */
  start(): void {
    if (!this.request.hasStdin) this.#inputEnded()
  }

  /** What the peer's `execute` is given: its arguments, and the text for standard input. */
  get parameters(): { readonly args: readonly string[]; readonly input: string | null } {
    const { command, args, hasStdin } = this.request
    return { args: [command, ...args], input: hasStdin ? this.#input.text : null }
  }

  cancel(): void {
    this.#giveUp('cancelled', 'the caller left')
  }

  signal(name: SignalName): void {
    if (!this.#isFinished) this.#options.onSignal(name)
  }

  /** Ends the call with its one result; later ones are ignored. */
  finish(result: Result, output: string = ''): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#deadline?.cancel()
    this.#input.abandon()
    this.stdout.give(Buffer.from(output))
    this.stderr.give(Buffer.alloc(0))
    this.#resolve(result)
  }

  #inputEnded(): void {
    if (this.#isFinished) return
    const fault = this.#input.fault
    if (fault === undefined) this.#options.onReady(this)
    else this.finish({ kind: 'failed-to-start', reason: `${fault}; upgrade the other side` })
  }

  #giveUp(kind: 'cancelled' | 'timed-out', why: string): void {
    if (this.#isFinished) return
    const rest = this.isSent ? 'the command goes on, for python-negotiator cannot end it' : 'nothing was run'
    this.finish({ kind, reason: `${why}; ${rest}` })
    this.#options.onGivenUp(this)
  }
}

/** Input kept until it is whole; its producer is never held up, but beyond the limit the rest is dropped. */
class CollectedInput implements LaneSink {
  readonly #onEnded: () => void
  #chunks: Buffer[] = []
  #byteCount = 0
  #isEnded = false
  onDrained: () => void = () => undefined

  constructor(onEnded: () => void) {
    this.#onEnded = onEnded
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  /** Why the old protocol cannot carry it. */
  get fault(): string | undefined {
    if (this.#byteCount > classicOutputBytesMax)
      return `the input has more than ${classicOutputBytesMax} bytes, the most that python-negotiator is given`
    if (!isUtf8(Buffer.concat(this.#chunks)))
      return 'the input is not text, and python-negotiator carries nothing else'
    return undefined
  }

  write(bytes: Buffer): boolean {
    this.#byteCount += bytes.length
    if (this.#byteCount <= classicOutputBytesMax) this.#chunks.push(bytes)
    return true
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#onEnded()
  }

  abandon(): void {
    this.#isEnded = true
    this.#chunks = []
  }
}
