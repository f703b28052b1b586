/**
 * A call as those who carry it see it, whatever brought it here: a session, or another protocol.
 * Floor 5. The streams of a session are calls as they are; dialects make their own.
 */
import type { LaneSink, LaneSource } from '../session/lane.js'
import type { ServingListener } from '../session/serving-stream.js'
import type { SignalName } from '../wire/message.js'
import type { Request } from '../wire/request.js'
import type { Result } from '../wire/result.js'

/** A call that has come in: it reads standard input, writes both outputs and gives one result. */
export interface IncomingCall {
  readonly request: Request
  /** The dialect that it comes through; absent: our own protocol. */
  readonly via?: string | undefined
  /** Whether the dialect makes it by itself, again and again: the audit log sums up those that are alike. */
  readonly isRoutine?: boolean | undefined
  readonly stdin: LaneSource
  readonly stdout: LaneSink
  readonly stderr: LaneSink
  /** Begins to hear of the caller; what happened before is told at once. */
  listen(listener: ServingListener): void
  /** Gives the call's one result; later results are ignored. */
  finish(result: Result): void
}

/** A call that goes out: its caller writes standard input, reads both outputs and gets one result. */
export interface OutgoingCall {
  readonly stdin: LaneSink
  readonly stdout: LaneSource
  readonly stderr: LaneSource
  /** The call's one ending; never rejects. */
  readonly result: Promise<Result>
  /** Asks the other side to end the call; its result still comes. */
  cancel(): void
  /** Sends a signal to the command; nothing happens when the call is over. */
  signal(name: SignalName): void
}
