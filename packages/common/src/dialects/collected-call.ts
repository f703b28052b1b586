/**
 * A call whose input is there already and whose output is wanted in one piece, as legacy protocols have it.
 * Floor 6.
 */
import type { IncomingCall } from '../call/call.js'
import { legacyErrorBytesMax } from './dialect-limits.js'
import type { LaneSink, LaneSource } from '../session/lane.js'
import type { LaneReceiver } from '../session/lane.js'
import type { ServingListener, StopCause } from '../session/serving-stream.js'
import type { Request } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import type { CollectedEnd } from './dialect.js'

interface CollectedCallOptions {
  readonly request: Request
  readonly input?: Buffer | undefined
  /** The dialect that it comes through. */
  readonly via?: string | undefined
  readonly isRoutine?: boolean | undefined
  /** Bytes of standard output that are kept; the rest is counted out. */
  readonly outputBytesMax: number
}

/** A call as the dispatcher sees it, and its end as one value. */
export class CollectedCall implements IncomingCall {
  readonly request: Request
  readonly stdin: LaneSource
  readonly stdout: CollectedOutput
  /** Few legacy protocols have a place for it: one sentence for people. */
  readonly stderr: CollectedOutput = new CollectedOutput(legacyErrorBytesMax)
  readonly via?: string | undefined
  readonly isRoutine?: boolean | undefined
  /** The call's end; never rejects. */
  readonly ended: Promise<CollectedEnd>
  #resolve: (end: CollectedEnd) => void = () => undefined
  #listener: ServingListener | undefined
  #stopCause: StopCause | undefined

  constructor({ request, input, via, isRoutine, outputBytesMax }: CollectedCallOptions) {
    this.via = via
    this.isRoutine = isRoutine
    this.request = request
    this.stdin = new HeldInput(input)
    this.stdout = new CollectedOutput(outputBytesMax)
    this.ended = new Promise((resolve) => (this.#resolve = resolve))
  }

  /** Ends the call because nobody will take its result. */
  stop(cause: StopCause): void {
    if (this.#stopCause !== undefined) return
    this.#stopCause = cause
    this.#listener?.stop(cause)
  }

  listen(listener: ServingListener): void {
    this.#listener = listener
    if (this.#stopCause !== undefined) listener.stop(this.#stopCause)
  }

  finish(result: Result): void {
    const { bytes: stdout, isCut } = this.stdout.taken
    this.#resolve({ result, stdout, isCut, stderr: this.stderr.taken.bytes })
  }
}

/** Input that is there already. */
class HeldInput implements LaneSource {
  readonly #input: Buffer | undefined

  constructor(input: Buffer | undefined) {
    this.#input = input
  }

  receive(receiver: LaneReceiver): void {
    if (this.#input !== undefined) receiver.bytes(this.#input)
    receiver.end()
  }

  discard(): void {
    // Nobody waits for it to be read.
  }

  consumed(): void {
    // It was in memory from the beginning.
  }
}

/** Output kept up to a limit; its producer is never held up. */
class CollectedOutput implements LaneSink {
  readonly #bytesMax: number
  readonly #chunks: Buffer[] = []
  #byteCount = 0
  #isCut = false
  onDrained: () => void = () => undefined

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get taken(): { readonly bytes: Buffer; readonly isCut: boolean } {
    return { bytes: Buffer.concat(this.#chunks), isCut: this.#isCut }
  }

  write(bytes: Buffer): boolean {
    const fitting = bytes.subarray(0, this.#bytesMax - this.#byteCount)
    if (fitting.length < bytes.length) this.#isCut = true
    if (fitting.length > 0) this.#chunks.push(fitting)
    this.#byteCount += fitting.length
    return true
  }

  end(): void {
    // What has been written is all there is.
  }
}
