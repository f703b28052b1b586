/**
 * Serves every call that comes to this daemon, whoever makes it: who may, where to, run it or pass it on, one result,
 * one record.
 * Floor 5. There is no way around it: sessions, other protocols and local programs all come here.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import { cataloguesPerCallerMax } from '../limits.js'
import type { Log } from '../log.js'
import { limitLog } from '../log-limit.js'
import type { Caller, LocalProgram, Target } from '../policy/caller.js'
import { redirectOf } from '../policy/redirect.js'
import type { Rule } from '../policy/rule.js'
import type { Command } from '../registry/command.js'
import type { Registry } from '../registry/registry.js'
import type { StartProcess } from '../process/started-process.js'
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import { Admission } from './admission.js'
import type { Audit } from './audit.js'
import { CallTally } from './call-tally.js'
import { CallRecord } from './call-record.js'
import { callsMaxOf, keyOf, rateOf } from './caller-limits.js'
import type { IncomingCall } from './call.js'
import { serveCatalogue } from './catalogue.js'
import { isSameGuest, targetOf, wayTo } from './destination.js'
import { CallEnding } from './ending.js'
import { execute } from './execution.js'
import { FloodRecords } from './flood-records.js'
import type { Judge } from './judge.js'
import type { Directory } from './peer.js'
import {
  daemonFailed,
  denied,
  noRelayHere,
  notForPeers,
  toItself,
  tooManyCatalogues,
  tooManyOfCaller,
  tooManyWaiting,
} from './refusals.js'
import type { Speaker } from './refusals.js'
import { relay } from './relay.js'
import { RunningCalls } from './running-calls.js'
import { CommandStarter } from './start-command.js'
import { TracedCall } from './traced-call.js'
import type { Trace } from './traced-call.js'
import { Turns } from './turns.js'
import type { Line, Waited } from './turns.js'

/** What a dispatcher needs. */
export interface DispatcherOptions {
  readonly side: 'host' | 'guest'
  readonly registry: Registry
  readonly judge: Judge
  readonly audit: Audit
  readonly directory: Directory
  /** How this machine starts processes. */
  readonly startProcess: StartProcess
  readonly clock: Clock
  readonly log: Log
}

/** A call on its way. */
interface Arrived {
  readonly call: TracedCall
  readonly ending: CallEnding
  readonly record: CallRecord
  /** What gives back the places that it has in the limits. */
  readonly places: (() => void)[]
  readonly request: RunRequest
  readonly caller: Caller
  readonly target: Target
}

/** One daemon's answer to all calls. */
export class Dispatcher {
  /** The calls that are over. */
  readonly tally: CallTally = new CallTally()
  readonly #options: DispatcherOptions
  readonly #admission: Admission
  readonly #turns: Turns
  readonly #starter: CommandStarter
  readonly #running = new RunningCalls()
  readonly #floodLog: Log
  readonly #floodRecords: FloodRecords

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#admission = new Admission(options.clock)
    this.#turns = new Turns(options.clock)
    this.#starter = new CommandStarter(options)
    this.#floodLog = limitLog(options.log, options.clock)
    this.#floodRecords = new FloodRecords(options)
  }

  /** Serves one call of a peer. */
  serve(call: IncomingCall, peer: Caller): void {
    const { request } = call
    switch (request.ask) {
      case 'run':
        return this.#run(call, { request, caller: this.#callerOf(request, peer) })
      case 'commands':
        return this.#tellCommands(call, peer)
      default:
        return call.finish(notForPeers(request.ask))
    }
  }

  /** Serves one call of a local program. */
  serveProgram(
    call: IncomingCall,
    { request, program }: { request: RunRequest; program: LocalProgram },
  ): void {
    this.#run(call, { request, caller: program })
  }

  /** The calls of a peer that wait for their turn. */
  lineOf(peer: Caller): Line {
    return this.#turns.lineOf(keyOf(peer))
  }

  /** Ends all calls and what stays loaded from one to the next; all records are written then. */
  async close(): Promise<void> {
    await this.#running.close()
    await this.#starter.close()
    this.#floodRecords.close()
  }

  /** A guest believes its host, and nobody else, that the call is another's. */
  #callerOf({ caller: signed }: RunRequest, peer: Caller): Caller {
    return peer.kind === 'host' && signed !== undefined ? { kind: 'guest', ...signed } : peer
  }

  #tellCommands(call: IncomingCall, caller: Caller): void {
    const { registry, judge } = this.#options
    const target: Target = { kind: 'self' }
    const onOver = this.#admission.tryEnter(`catalogues ${keyOf(caller)}`, cataloguesPerCallerMax)
    if (onOver === undefined) return call.finish(tooManyCatalogues(this.#speaker(caller)))
    serveCatalogue(call, {
      registry,
      onOver,
      isTold: (command) => judge.mayEverCall({ caller, target, command }),
      onPolicyChange: (tell) => judge.subscribe(tell),
    })
  }

  #run(call: IncomingCall, { request, caller }: { request: RunRequest; caller: Caller }): void {
    const { side, clock } = this.#options
    const target = targetOf(this.#options, { caller, wanted: request.target })
    const record = new CallRecord({ request, caller, target, side, callId: randomUUID(), via: call.via })
    const places: (() => void)[] = []
    const onFinished = (trace: Trace): void => {
      for (const leave of places) leave()
      this.#write(record, { caller, trace })
    }
    const traced = new TracedCall({ side, call, clock, onFinished })
    const ending = new CallEnding(traced, clock)
    this.#running.add(ending)
    this.#lineUp({ call: traced, ending, record, places, request, caller, target })
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
    await this.#decide(arrived)
  }

  #write(record: CallRecord, { caller, trace }: { caller: Caller; trace: Trace }): void {
    this.tally.add(record.direction, trace)
    if (!record.isSummedUp) return this.#options.audit.write(record.complete(trace))
    this.#floodRecords.add({
      callerKey: keyOf(caller),
      kind: trace.result.kind,
      record: () => record.complete(trace),
    })
  }

  #refuseFlood(call: IncomingCall, { caller, waited }: { caller: Caller; waited: 'full' | 'late' }): void {
    const speaker = this.#speaker(caller)
    this.#floodLog.warn('Too many calls of one caller; the next is answered "busy"', {
      caller: keyOf(caller),
    })
    if (waited === 'full') call.finish(tooManyWaiting(speaker))
    else call.finish(tooManyOfCaller(speaker, callsMaxOf(caller, this.#options.side)))
  }

  async #decide(arrived: Arrived): Promise<void> {
    const { call, record, places, request, caller, target } = arrived
    const { judge, side } = this.#options
    if (side === 'guest' && caller.kind !== 'program' && target.kind !== 'self')
      return call.finish(noRelayHere())
    if (isSameGuest(caller, target)) return call.finish(toItself())
    const speaker = this.#speaker(caller)
    const { command, args } = request
    const decision = judge.decide({ caller, target, command, args })
    record.rule = decision.rule
    if (decision.kind === 'deny') return call.finish(denied(speaker, decision.reason))
    const admitted = this.#admission.admit({
      callerKey: keyOf(caller),
      rule: decision.rule,
      speaker,
    })
    if (typeof admitted !== 'function') return call.finish(admitted)
    places.push(admitted)
    await this.#go(arrived, decision.rule)
  }

  async #go(arrived: Arrived, rule: Rule): Promise<void> {
    const { call, record, request, caller, target } = arrived
    const way = wayTo(this.#options, { caller, target, redirect: redirectOf(rule.options) })
    switch (way.kind) {
      case 'nowhere':
        return call.finish(way.result)
      case 'peer':
        record.goesTo(way.peer, way.beyond)
        call.enter('run')
        return relay({ ...way, call, request, caller, rule })
      case 'here':
        record.runsHere()
        return call.finish(await this.#execute(arrived, rule))
    }
  }

  async #execute({ call, ending, record, request, caller }: Arrived, rule: Rule): Promise<Result> {
    const { callId } = record
    const onCommand = (command: Command): void => void (record.command = command)
    const parts = { ...this.#options, admission: this.#admission, starter: this.#starter }
    return await execute(parts, { call, ending, request, caller, callId, rule, onCommand })
  }

  #speaker(caller: Caller): Speaker {
    if (this.#options.side === 'host') return 'the host'
    return caller.kind === 'program' ? 'the calling guest' : 'the called guest'
  }
}

/** A string of V8 and its place in an array, besides its characters. */
const stringBytes = 32

/** The memory that a request takes, about. */
function bytesOf({ command, args }: RunRequest): number {
  return args.reduce((sum, argument) => sum + stringBytes + argument.length, command.length)
}
