/**
 * A call on its way, with what the audit log wants to know of it: its bytes, the time of each stage, its one result.
 * Floor 5. It changes nothing of the call.
 */
import type { Clock } from '../clock.js'
import type { LaneReceiver, LaneSink, LaneSource } from '../session/lane.js'
import type { ServingListener } from '../session/serving-stream.js'
import type { Request } from '../wire/request.js'
import type { Ending, Result } from '../wire/result.js'
import type { StageTimings } from '../wire/timings.js'
import type { AuditRecord } from './audit.js'
import type { IncomingCall } from './call.js'

/** What a call was like, once it is over. */
export type Trace = Pick<
  AuditRecord,
  'result' | 'startedMs' | 'stages' | 'stdinBytes' | 'stdoutBytes' | 'stderrBytes'
>

/** The stages of a call, in their order; one that it never came to takes no time. */
export type Stage = 'wait' | 'decide' | 'start' | 'run'

interface TracedCallOptions {
  /** Whose daemon this is. */
  readonly side: StageTimings['side']
  readonly call: IncomingCall
  readonly clock: Clock
  /** Told once, before the caller gets the result. */
  readonly onFinished: (trace: Trace) => void
}

/** A call whose bytes and stages are counted. */
export class TracedCall implements IncomingCall {
  readonly request: Request
  readonly stdin: CountedSource
  readonly stdout: CountedSink
  readonly stderr: CountedSink
  readonly #options: TracedCallOptions
  readonly #startedMs = Date.now()
  readonly #stageMs: Record<Stage, number> = { wait: 0, decide: 0, start: 0, run: 0 }
  #stage: Stage = 'wait'
  #stageBeganMs: number
  #isFinished = false

  constructor(options: TracedCallOptions) {
    const { call, clock } = options
    this.#options = options
    this.request = call.request
    this.stdin = new CountedSource(call.stdin)
    this.stdout = new CountedSink(call.stdout)
    this.stderr = new CountedSink(call.stderr)
    this.#stageBeganMs = clock.now()
  }

  /** The stage before is over. */
  enter(stage: Stage): void {
    const nowMs = this.#options.clock.now()
    this.#stageMs[this.#stage] += nowMs - this.#stageBeganMs
    this.#stage = stage
    this.#stageBeganMs = nowMs
  }

  listen(listener: ServingListener): void {
    this.#options.call.listen(listener)
  }

  finish(result: Result): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.enter(this.#stage)
    const { decide, wait, start, run } = this.#stageMs
    const stages = { decideMs: decide, waitMs: wait, startMs: start, runMs: run }
    const { timings, ...ending } = result
    this.#options.onFinished({
      result: ending,
      startedMs: this.#startedMs,
      stages,
      stdinBytes: this.stdin.byteCount,
      stdoutBytes: this.stdout.byteCount,
      stderrBytes: this.stderr.byteCount,
    })
    this.#options.call.finish(this.#isTimed ? this.#timed(ending, { stages, timings }) : ending)
  }

  get #isTimed(): boolean {
    return this.request.ask === 'run' && this.request.isTimed === true
  }

  /** A result with our stages before those of whoever the call was passed on to. */
  #timed(ending: Ending, { stages, timings = [] }: Pick<Trace, 'stages'> & Pick<Result, 'timings'>): Result {
    return { ...ending, timings: [{ side: this.#options.side, ...stages }, ...timings] }
  }
}

class CountedSource implements LaneSource {
  readonly #lane: LaneSource
  byteCount = 0

  constructor(lane: LaneSource) {
    this.#lane = lane
  }

  receive(receiver: LaneReceiver): void {
    this.#lane.receive({
      bytes: (chunk) => {
        this.byteCount += chunk.length
        receiver.bytes(chunk)
      },
      end: () => receiver.end(),
    })
  }

  discard(): void {
    this.#lane.discard()
  }

  consumed(byteCount: number): void {
    this.#lane.consumed(byteCount)
  }
}

class CountedSink implements LaneSink {
  readonly #lane: LaneSink
  byteCount = 0

  constructor(lane: LaneSink) {
    this.#lane = lane
  }

  get onDrained(): () => void {
    return this.#lane.onDrained
  }

  set onDrained(action: () => void) {
    this.#lane.onDrained = action
  }

  write(bytes: Buffer): boolean {
    this.byteCount += bytes.length
    return this.#lane.write(bytes)
  }

  end(): void {
    this.#lane.end()
  }
}
