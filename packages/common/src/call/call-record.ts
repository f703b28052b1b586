/**
 * What is learned of a call on its way, and the audit record that it comes to.
 * Floor 5.
 */
import type { Caller, Target } from '../policy/caller.js'
import { callerName } from '../policy/caller.js'
import type { Rule } from '../policy/rule.js'
import { nameOfRule } from '../policy/rule.js'
import type { Command } from '../registry/command.js'
import type { RunRequest } from '../wire/request.js'
import type { AuditEnd, AuditRecord } from './audit.js'
import { auditArguments } from './audit-arguments.js'
import type { CatalogueEntry } from './catalogue.js'
import type { Peer } from './peer.js'
import type { Trace } from './traced-call.js'

interface CallRecordOptions {
  readonly side: 'host' | 'guest'
  readonly callId: string
  readonly request: RunRequest
  readonly caller: Caller
  readonly target: Target
  /** The dialect that it comes through, if any. */
  readonly via?: string | undefined
  /** Whether a dialect makes it by itself, again and again. */
  readonly isRoutine?: boolean | undefined
}

/** One call's record, until it is complete. */
export class CallRecord {
  readonly callId: string
  /** The rule that decided. */
  rule: Rule | undefined
  /** Known once it was found. */
  command: Command | undefined
  /** Whether it was never looked at, for its caller has too many of them. */
  isSummedUp = false
  /** Whether it is one of many that are alike, and need no line each. */
  readonly isRoutine: boolean
  readonly #options: CallRecordOptions
  #target: AuditEnd
  /** What the peer that runs it told of the command, if it did. */
  #told: CatalogueEntry | undefined
  #direction: AuditRecord['direction']
  #via: string | undefined

  constructor(options: CallRecordOptions) {
    this.#options = options
    this.callId = options.callId
    this.#target = targetEnd(options)
    this.#direction = directionOf(options)
    this.#via = options.via
    this.isRoutine = options.isRoutine === true
  }

  /** Which way it goes, as far as is known by now. */
  get direction(): AuditRecord['direction'] {
    return this.#direction
  }

  /** The call goes on to a peer, maybe as a redirected one. Of the commands of who is beyond that nothing is known here. */
  goesTo(
    { name, uuid, commands, via }: Pick<Peer, 'name' | 'uuid' | 'commands' | 'via'>,
    beyond: string | undefined,
  ): void {
    const { command } = this.#options.request
    if (this.#direction === 'out') this.#via = via
    this.#target = beyond === undefined ? { name, uuid } : { name: beyond }
    this.#told = beyond === undefined ? commands?.find((entry) => entry.name === command) : undefined
    if (this.#direction === 'in') this.#direction = 'relay'
  }

  /** The call is run on this machine. */
  runsHere(): void {
    this.#target = { name: this.#options.side === 'host' ? 'host' : 'self' }
    if (this.#direction === 'relay') this.#direction = 'in'
  }

  /** The record of the finished call. */
  complete(trace: Trace): AuditRecord {
    const { caller, request } = this.#options
    return {
      callId: this.callId,
      direction: this.#direction,
      caller: callerEnd(caller),
      via: this.#via,
      target: this.#target,
      command: request.command,
      ...this.#arguments(),
      rule: this.rule && nameOfRule(this.rule),
      ...trace,
    }
  }

  /** A command of which nothing is known here may have secrets among its arguments: they are only hashed. */
  #arguments(): Pick<AuditRecord, 'args' | 'argsHash'> {
    const { args } = this.#options.request
    const wanted = this.rule?.options.audit ?? 'hash'
    const secretArgs = this.#secretArgs()
    const detail = wanted === 'full' && secretArgs === undefined ? 'hash' : wanted
    return auditArguments({ args, detail, secretArgs: secretArgs ?? [] })
  }

  /** As the command's settings have it, here or at the peer. @returns `undefined` when they are not known */
  #secretArgs(): readonly number[] | undefined {
    return this.command === undefined ? this.#told?.secretArgs : (this.command.settings.secretArgs ?? [])
  }
}

function directionOf({ caller, target }: CallRecordOptions): AuditRecord['direction'] {
  if (caller.kind === 'program') return 'out'
  return target.kind === 'self' ? 'in' : 'relay'
}

function callerEnd(caller: Caller): AuditEnd {
  const name = callerName(caller)
  if (caller.kind === 'guest') return { name, uuid: caller.uuid }
  return caller.kind === 'program'
    ? { name, userId: caller.user?.userId, processId: caller.user?.processId }
    : { name }
}

function targetEnd({ side, target }: CallRecordOptions): AuditEnd {
  switch (target.kind) {
    case 'self':
      return { name: side === 'host' ? 'host' : 'self' }
    case 'host':
      return { name: 'host' }
    case 'guest':
      return { name: target.name, uuid: target.uuid }
  }
}
