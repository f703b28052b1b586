/**
 * A Result: how a call ended, as the JSON of a RESULT frame.
 * Floor 2. Pure. Unknown fields are ignored, so that a newer peer may say more.
 */
import { PeerError } from '../errors.js'
import { integerIn, objectFromPayload, textIn } from './fields.js'

/** How a call ended. Exactly one for each request. */
export type Result =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: FailureKind; readonly reason: string }

/**
 * The endings in which no command came to an end by itself. `unreachable`: the target is not there, nothing was run;
 * `lost`: it went away, so the command may have run.
 */
export type FailureKind = (typeof failureKinds)[number]

const failureKinds = [
  'failed-to-start',
  'denied',
  'unknown-command',
  'timed-out',
  'cancelled',
  'busy',
  'lost',
  'unreachable',
] as const

/** A Result as a payload; a reason is cut so that it always fits. */
export function encodeResult(result: Result): Buffer {
  const fitting = 'reason' in result ? { ...result, reason: result.reason.slice(0, 2000) } : result
  return Buffer.from(JSON.stringify(fitting))
}

/** @throws {PeerError} `bad-message`, naming the field */
export function decodeResult(payload: Buffer): Result {
  const fields = objectFromPayload(payload, 'result')
  const kind = textIn(fields, 'kind')
  if (kind === 'exited') return { kind, code: integerIn(fields, 'code') }
  if (kind === 'signalled') return { kind, signal: textIn(fields, 'signal').slice(0, 16) }
  const failure = failureKinds.find((known) => known === kind)
  if (failure !== undefined) return { kind: failure, reason: textIn(fields, 'reason') }
  throw new PeerError('Cannot read a result: this version does not know its kind', { code: 'bad-message' })
}
