/**
 * Serves every call that comes to this daemon, whoever makes it: who may, where to, run it or pass it on, one result,
 * one record.
 * Floor 5. There is no way around it: sessions, other protocols and local programs all come here.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { sentenceOf } from '../errors.js'
import type { Log } from '../log.js'
import type { Caller, LocalProgram, Target } from '../policy/caller.js'
import type { Rule } from '../policy/rule.js'
import type { Registry } from '../registry/registry.js'
import type { RunRequest } from '../wire/request.js'
import { Admission } from './admission.js'
import type { Audit } from './audit.js'
import { CallRecord } from './call-record.js'
import type { IncomingCall } from './call.js'
import { serveCatalogue } from './catalogue.js'
import { targetOf, wayTo } from './destination.js'
import { execute } from './execution.js'
import type { Judge } from './judge.js'
import type { Directory } from './peer.js'
import { daemonFailed, denied, noRelayHere, notForPeers, toItself } from './refusals.js'
import type { Speaker } from './refusals.js'
import { relay } from './relay.js'
import { StartLine } from './start-line.js'
import { TracedCall } from './traced-call.js'

/** What a dispatcher needs. */
export interface DispatcherOptions {
  readonly side: 'host' | 'guest'
  readonly registry: Registry
  readonly judge: Judge
  readonly audit: Audit
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
}

interface Arrived {
  readonly request: RunRequest
  readonly caller: Caller
  readonly target: Target
}

/** One daemon's answer to all calls. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #admission: Admission
  readonly #startLine: StartLine

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#admission = new Admission(options.clock)
    this.#startLine = new StartLine(options.clock)
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

  /** A guest believes its host, and nobody else, that the call is another's. */
  #callerOf({ caller: signed }: RunRequest, peer: Caller): Caller {
    return peer.kind === 'host' && signed !== undefined ? { kind: 'guest', ...signed } : peer
  }

  #tellCommands(call: IncomingCall, caller: Caller): void {
    const { registry, judge } = this.#options
    const target: Target = { kind: 'self' }
    serveCatalogue(call, {
      registry,
      isTold: (command) => judge.mayEverCall({ caller, target, command }),
      onPolicyChange: (tell) => judge.subscribe(tell),
    })
  }

  #run(call: IncomingCall, { request, caller }: { request: RunRequest; caller: Caller }): void {
    const { clock, audit } = this.#options
    const target = targetOf(this.#options, { caller, wanted: request.target })
    const arrived: Arrived = { request, caller, target }
    const record = new CallRecord({ ...arrived, side: this.#options.side, callId: randomUUID() })
    const traced = new TracedCall({
      call,
      clock,
      onFinished: (trace) => {
        record.leave()
        audit.write(record.complete(trace))
      },
    })
    try {
      this.#decide(traced, { arrived, record })
    } catch (error) {
      this.#fail(traced, { record, error })
    }
  }

  #decide(call: TracedCall, { arrived, record }: { arrived: Arrived; record: CallRecord }): void {
    const { request, caller, target } = arrived
    const { judge, side } = this.#options
    if (side === 'guest' && caller.kind !== 'program' && target.kind !== 'self')
      return call.finish(noRelayHere())
    if (isSameGuest(caller, target)) return call.finish(toItself())
    const speaker = this.#speaker(caller)
    const { command, args } = request
    const decision = judge.decide({ caller, target, command, args })
    record.rule = decision.rule
    call.enter('wait')
    if (decision.kind === 'deny') return call.finish(denied(speaker, decision.reason))
    const admitted = this.#admission.admit({ callerKey: keyOf(caller), rule: decision.rule, speaker })
    if (typeof admitted !== 'function') return call.finish(admitted)
    record.leave = admitted
    this.#go(call, { arrived, record, rule: decision.rule })
  }

  #go(
    call: TracedCall,
    { arrived, record, rule }: { arrived: Arrived; record: CallRecord; rule: Rule },
  ): void {
    const { request, caller, target } = arrived
    const way = wayTo(this.#options, { target, redirect: rule.options.target })
    switch (way.kind) {
      case 'nowhere':
        return call.finish(way.result)
      case 'peer':
        record.goesTo(way.peer, way.beyond)
        call.enter('run')
        return relay({ ...way, call, request, caller, rule })
      case 'here':
        record.runsHere()
        return void this.#execute(call, { arrived, record, rule })
    }
  }

  async #execute(
    call: TracedCall,
    { arrived, record, rule }: { arrived: Arrived; record: CallRecord; rule: Rule },
  ): Promise<void> {
    const { request, caller } = arrived
    const parts = { ...this.#options, admission: this.#admission, startLine: this.#startLine }
    try {
      const result = await execute(parts, {
        call,
        request,
        caller,
        callerKey: keyOf(caller),
        callId: record.callId,
        rule,
        onCommand: (command) => (record.command = command),
      })
      call.finish(result)
    } catch (error) {
      this.#fail(call, { record, error })
    }
  }

  /** A fault of ours; the caller gets a fixed sentence, the log the whole. */
  #fail(call: TracedCall, { record, error }: { record: CallRecord; error: unknown }): void {
    this.#options.log.error('Serving a call failed', { reason: sentenceOf(error), callId: record.callId })
    call.finish(daemonFailed())
  }

  #speaker(caller: Caller): Speaker {
    if (this.#options.side === 'host') return 'the host'
    return caller.kind === 'program' ? 'the calling guest' : 'the called guest'
  }
}

function isSameGuest(caller: Caller, target: Target): boolean {
  if (caller.kind !== 'guest' || target.kind !== 'guest') return false
  return caller.uuid === undefined ? caller.name === target.name : caller.uuid === target.uuid
}

/** Whom the limits of a caller count. */
function keyOf(caller: Caller): string {
  switch (caller.kind) {
    case 'host':
      return 'host'
    case 'guest':
      return `guest ${caller.uuid ?? caller.name}`
    case 'program':
      return `user ${caller.user?.userId ?? '?'}`
  }
}
