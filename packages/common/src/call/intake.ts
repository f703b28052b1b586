/**
 * Takes in the calls that come to a daemon: each waits for its turn behind those of its caller, has one ending, gives back
 * its places in the limits, and leaves one record. What it is to come to is decided elsewhere.
 * Floor 5.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import { limitLog } from '../log-limit.js'
import type { Caller, Target } from '../policy/caller.js'
import type { RunRequest } from '../wire/request.js'
import type { Audit } from './audit.js'
import { CallRecord } from './call-record.js'
import type { CallTally } from './call-tally.js'
import { callsMaxOf, keyOf, rateOf } from './caller-limits.js'
import type { IncomingCall } from './call.js'
import { CallEnding } from './ending.js'
import { daemonFailed, tooManyOfCaller, tooManyWaiting } from './refusals.js'
import { Records } from './records.js'
import { RunningCalls } from './running-calls.js'
import { speakerOf } from './speaker.js'
import { TracedCall } from './traced-call.js'
import type { Trace } from './traced-call.js'
import { Turns } from './turns.js'
import type { Line, Waited } from './turns.js'

interface IntakeOptions {
  readonly side: 'host' | 'guest'
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Log
  /** Decides on a call whose turn it is, and sees to its result. */
  readonly decide: (arrived: Arrived) => Promise<void>
}

/** A call that came. */
export interface Asked {
  readonly request: RunRequest
  readonly caller: Caller
  readonly target: Target
}

/** A call on its way. */
export interface Arrived extends Asked {
  readonly call: TracedCall
  readonly ending: CallEnding
  readonly record: CallRecord
  /** What gives back the places that it has in the limits. */
  readonly places: (() => void)[]
}

/** The door for calls. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #turns: Turns
  readonly #running = new RunningCalls()
  readonly #records: Records
  readonly #floodLog: Log

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#turns = new Turns(options.clock)
    this.#records = new Records(options)
    this.#floodLog = limitLog(options.log, options.clock)
  }

  /** The calls that are over. */
  get tally(): CallTally {
    return this.#records.tally
  }

  /** The calls of a caller that wait for their turn. */
  lineOf(caller: Caller): Line {
    return this.#turns.lineOf(keyOf(caller))
  }

  /** Takes in a call. */
  take(call: IncomingCall, asked: Asked): void {
    const { side, clock } = this.#options
    const { caller } = asked
    const { via, isRoutine } = call
    const record = new CallRecord({ ...asked, side, callId: randomUUID(), via, isRoutine })
    const places: (() => void)[] = []
    const onFinished = (trace: Trace): void => {
      for (const leave of places) leave()
      this.#records.write(record, { caller, trace })
    }
    const traced = new TracedCall({ side, call, clock, onFinished })
    const ending = new CallEnding(traced, clock)
    this.#running.add(ending)
    this.#lineUp({ ...asked, call: traced, ending, record, places })
  }

  /** Ends all calls. */
  async end(): Promise<void> {
    await this.#running.close()
  }

  /** Writes the last records. */
  close(): void {
    this.#records.close()
  }

  #lineUp(arrived: Arrived): void {
    const { ending, request, caller } = arrived
    const { side } = this.#options
    ending.limit({ timeoutMs: request.timeoutMs, setBy: '' })
    const leave = this.#turns.enter({
      key: keyOf(caller),
      rate: rateOf(caller, side),
      countMax: callsMaxOf(caller, side),
      requestBytes: bytesOf(request),
      settle: (waited) => void this.#serve(arrived, waited),
    })
    ending.onEnd = leave
    if (ending.isEnded) leave()
  }

  /** Never rejects. */
  async #serve(arrived: Arrived, waited: Waited): Promise<void> {
    const { call, ending, record } = arrived
    try {
      await this.#begin(arrived, waited)
    } catch (error) {
      // A fault of ours; the caller gets a fixed sentence, the log the whole.
      this.#options.log.error('Serving a call failed', { reason: sentenceOf(error), callId: record.callId })
      call.finish(daemonFailed())
    } finally {
      ending.close()
      this.#running.delete(ending)
    }
  }

  async #begin(arrived: Arrived, waited: Waited): Promise<void> {
    const { call, ending, record, places, caller } = arrived
    // They are summed up in the audit log: whoever floods us must not fill the disk by it.
    record.isSummedUp = waited !== 'turn'
    if (waited === 'full' || waited === 'late') return this.#refuseFlood(call, { caller, waited })
    if (waited === 'turn') places.push(() => this.#turns.over(keyOf(caller)))
    if (ending.isEnded) return call.finish(ending.result)
    call.enter('decide')
    await this.#options.decide(arrived)
  }

  #refuseFlood(call: IncomingCall, { caller, waited }: { caller: Caller; waited: 'full' | 'late' }): void {
    const { side } = this.#options
    const speaker = speakerOf(side, caller)
    this.#floodLog.warn('Too many calls of one caller; the next is answered "busy"', {
      caller: keyOf(caller),
    })
    if (waited === 'full') call.finish(tooManyWaiting(speaker))
    else call.finish(tooManyOfCaller(speaker, callsMaxOf(caller, side)))
  }
}

/** A string of V8 and its place in an array, besides its characters. */
const stringBytes = 32

/** The memory that a request takes, about. */
function bytesOf({ command, args }: RunRequest): number {
  return args.reduce((sum, argument) => sum + stringBytes + argument.length, command.length)
}
