/**
 * Serves every call that comes to this daemon, whoever makes it: who may, where to, run it or pass it on, one result,
 * one record.
 * Floor 5. There is no way around it: sessions, other protocols and local programs all come here.
 */
import type { Clock } from '../clock.js'
import { cataloguesPerCallerMax } from '../limits.js'
import type { Log } from '../log.js'
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
import type { CallTally } from './call-tally.js'
import { keyOf } from './caller-limits.js'
import type { IncomingCall } from './call.js'
import { serveCatalogue } from './catalogue.js'
import { isSameGuest, targetOf, wayTo } from './destination.js'
import { execute } from './execution.js'
import { Intake } from './intake.js'
import type { Arrived } from './intake.js'
import type { Judge } from './judge.js'
import type { Directory } from './peer.js'
import { denied, noRelayHere, notForPeers, toItself, tooManyCatalogues } from './refusals.js'
import { relay } from './relay.js'
import { speakerOf } from './speaker.js'
import { CommandStarter } from './start-command.js'
import type { Line } from './turns.js'

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

/** One daemon's answer to all calls. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #admission: Admission
  readonly #starter: CommandStarter
  readonly #intake: Intake

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#admission = new Admission(options.clock)
    this.#starter = new CommandStarter(options)
    this.#intake = new Intake({ ...options, decide: async (arrived) => await this.#decide(arrived) })
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

  /** The calls that are over. */
  get tally(): CallTally {
    return this.#intake.tally
  }

  /** The calls of a peer that wait for their turn. */
  lineOf(peer: Caller): Line {
    return this.#intake.lineOf(peer)
  }

  /** Ends all calls and what stays loaded from one to the next; all records are written then. */
  async close(): Promise<void> {
    await this.#intake.end()
    await this.#starter.close()
    this.#intake.close()
  }

  /** A guest believes its host, and nobody else, that the call is another's. */
  #callerOf({ caller: signed }: RunRequest, peer: Caller): Caller {
    return peer.kind === 'host' && signed !== undefined ? { kind: 'guest', ...signed } : peer
  }

  #tellCommands(call: IncomingCall, caller: Caller): void {
    const { side, registry, judge } = this.#options
    const target: Target = { kind: 'self' }
    const onOver = this.#admission.tryEnter(`catalogues ${keyOf(caller)}`, cataloguesPerCallerMax)
    if (onOver === undefined) return call.finish(tooManyCatalogues(speakerOf(side, caller)))
    serveCatalogue(call, {
      registry,
      onOver,
      isTold: (command) => judge.mayEverCall({ caller, target, command }),
      onPolicyChange: (tell) => judge.subscribe(tell),
    })
  }

  #run(call: IncomingCall, { request, caller }: { request: RunRequest; caller: Caller }): void {
    const target = targetOf(this.#options, { caller, wanted: request.target })
    this.#intake.take(call, { request, caller, target })
  }

  async #decide(arrived: Arrived): Promise<void> {
    const { call, record, places, request, caller, target } = arrived
    const { judge, side } = this.#options
    if (side === 'guest' && caller.kind !== 'program' && target.kind !== 'self')
      return call.finish(noRelayHere())
    if (isSameGuest(caller, target)) return call.finish(toItself())
    const speaker = speakerOf(side, caller)
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
}
