/**
 * The endings of a call that come from outside the command: the first one counts.
 * Floor 5.
 */
import type { Clock, Timer } from '../clock.js'
import type { RunningCommand } from '../process/runner.js'
import { formatDuration } from '../quantities.js'
import type { StopCause } from '../session/serving-stream.js'
import type { Result } from '../wire/result.js'
import type { IncomingCall } from './call.js'

/** Why a running call was ended from outside. */
type Cause = StopCause | 'timed-out'

/** A time limit, and who set it. */
interface Deadline {
  /** From now on; `undefined`: no limit. */
  readonly timeoutMs: number | undefined
  /** As the end of a sentence; empty for the caller's own. */
  readonly setBy: string
}

const nothing = (): void => undefined

/** Ends a call's command when its caller leaves or its time is over. */
export class CallEnding {
  readonly #clock: Clock
  #timer: Timer | undefined
  #deadlineMs = Number.POSITIVE_INFINITY
  #sentence = ''
  #abort: AbortController | undefined
  /** Called when the call is ended from outside. */
  onEnd: () => void = nothing
  #running: RunningCommand | undefined
  #cause: Cause | undefined

  constructor(call: IncomingCall, clock: Clock) {
    this.#clock = clock
    call.listen({ stop: (cause) => this.#end(cause), signal: (name) => this.#running?.signal(name) })
  }

  /** Ends the call after so long, unless it has an earlier deadline. */
  limit({ timeoutMs, setBy }: Deadline): void {
    if (timeoutMs === undefined) return
    const deadlineMs = this.#clock.now() + timeoutMs
    if (deadlineMs >= this.#deadlineMs || this.isEnded) return
    this.#deadlineMs = deadlineMs
    this.#sentence = `the command was ended after ${formatDuration(timeoutMs)}${setBy}`
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimer(timeoutMs, () => this.#end('timed-out'))
  }

  /** How long until the deadline, in whole milliseconds; `undefined` without one. */
  get leftMs(): number | undefined {
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) return undefined
    return Math.max(0, Math.ceil(this.#deadlineMs - this.#clock.now()))
  }

  /** Whether the call was ended from outside. */
  get isEnded(): boolean {
    return this.#cause !== undefined
  }

  /** Fires when the call is ended from outside. It takes a kilobyte, so it is made for those who ask for it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.isEnded) this.#abort.abort()
    return this.#abort.signal
  }

  /** Ends this command when the call ends, or now if it has ended already. */
  watch(running: RunningCommand): void {
    this.#running = running
    if (this.isEnded) running.stop()
  }

  /** The call's result, once it was ended from outside. */
  get result(): Result {
    switch (this.#cause) {
      case 'timed-out':
        return { kind: 'timed-out', reason: this.#sentence }
      case 'lost':
        return { kind: 'lost', reason: 'the session with the caller ended' }
      default:
        return { kind: 'cancelled', reason: 'the caller left' }
    }
  }

  /** Ends the call as if its caller's session had ended. */
  lose(): void {
    this.#end('lost')
  }

  close(): void {
    this.#timer?.cancel()
    this.#running = undefined
  }

  #end(cause: Cause): void {
    if (this.#cause !== undefined) return
    this.#cause = cause
    this.#abort?.abort()
    this.#running?.stop()
    this.onEnd()
  }
}
