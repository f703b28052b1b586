/**
 * Carries an allowed call on to a peer: a local program's, or one guest's to another.
 * Floor 5. The peer asks its own policy.
 */
import { NegotiatorError } from '../errors.js'
import type { Caller } from '../policy/caller.js'
import type { Rule } from '../policy/rule.js'
import type { RunRequest } from '../wire/request.js'
import type { IncomingCall } from './call.js'
import type { Peer } from './peer.js'
import { relayCall } from './pump.js'

interface Relay {
  readonly call: IncomingCall
  readonly request: RunRequest
  readonly caller: Caller
  readonly rule: Rule
  /** What is left of the caller's time, which began when the call came; `undefined`: no limit. */
  readonly leftMs: number | undefined
  readonly peer: Peer
  /** The guest that the peer, a host, shall pass the call on to. */
  readonly beyond?: string | undefined
}

/** Carries the call; its result comes by itself. */
export function relay({ call, request, caller, rule, leftMs, peer, beyond }: Relay): void {
  const { command, args, hasStdin, isTimed } = request
  const timeoutMs = earlier(leftMs, rule.options.timeoutMs)
  // Who calls is told for a guest alone: of a host's or a guest's own program its channel says enough.
  const signed = caller.kind === 'guest' ? { name: caller.name, uuid: caller.uuid } : undefined
  try {
    relayCall(
      call,
      peer.open({ ask: 'run', command, args, timeoutMs, hasStdin, isTimed, target: beyond, caller: signed }),
    )
  } catch (error) {
    if (!(error instanceof NegotiatorError)) throw error
    call.finish({ kind: error.code === 'too-many-calls' ? 'busy' : 'unreachable', reason: error.message })
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
