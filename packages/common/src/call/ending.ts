/**
 * The endings of a call that come from outside the command: the first one counts.
 * Floor 5.
 */
import type { Clock, Timer } from '../clock.js'
import type { RunningCommand } from '../process/runner.js'
import type { StopCause } from '../session/serving-stream.js'
import type { Result } from '../wire/result.js'
import type { IncomingCall } from './call.js'

/** Why a running call was ended from outside. */
type Cause = StopCause | 'timed-out'

interface CallEndingOptions {
  readonly call: IncomingCall
  readonly clock: Clock
  /** From now on; `undefined`: no limit. */
  readonly timeoutMs: number | undefined
  /** What set the deadline, as the end of a sentence; empty for the caller's own. */
  readonly timeoutOf: string
}

/** Ends a call's command when its caller leaves or its time is over. */
export class CallEnding {
  readonly #options: CallEndingOptions
  readonly #timer: Timer | undefined
  readonly #abort = new AbortController()
  #running: RunningCommand | undefined
  #cause: Cause | undefined

  constructor(options: CallEndingOptions) {
    const { call, clock, timeoutMs } = options
    this.#options = options
    if (timeoutMs !== undefined) this.#timer = clock.setTimer(timeoutMs, () => this.#end('timed-out'))
    call.listen({ stop: (cause) => this.#end(cause), signal: (name) => this.#running?.signal(name) })
  }

  /** Whether the call was ended from outside. */
  get isEnded(): boolean {
    return this.#cause !== undefined
  }

  /** Fires when the call is ended from outside. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Ends this command when the call ends, or now if it has ended already. */
  watch(running: RunningCommand): void {
    this.#running = running
    if (this.isEnded) running.stop()
  }

  /** The call's result, once it was ended from outside. */
  get result(): Result {
    const { timeoutMs, timeoutOf } = this.#options
    switch (this.#cause) {
      case 'timed-out':
        return { kind: 'timed-out', reason: `the command was ended after ${timeoutMs} ms${timeoutOf}` }
      case 'lost':
        return { kind: 'lost', reason: 'the session with the caller ended' }
      default:
        return { kind: 'cancelled', reason: 'the caller left' }
    }
  }

  close(): void {
    this.#timer?.cancel()
    this.#running = undefined
  }

  #end(cause: Cause): void {
    if (this.#cause !== undefined) return
    this.#cause = cause
    this.#abort.abort()
    this.#running?.stop()
  }
}
