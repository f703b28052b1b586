/**
 * A Result: how a call ended, as the JSON of a RESULT frame.
 * Floor 2. Pure. Unknown fields are ignored, so that a newer peer may say more.
 */
import { PeerError } from '../errors.js'
import { integerIn, objectFromPayload, textIn } from './fields.js'
import type { Fields } from './fields.js'
import { timingsFrom } from './timings.js'
import type { StageTimings } from './timings.js'

/** How a call ended. Exactly one for each request. */
export type Result = Ending & {
  /** For a caller who asked for them: this daemon's stages, then those of the next on the call's way. */
  readonly timings?: readonly StageTimings[] | undefined
}

/** A result without what is only for people. */
export type Ending =
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

/** Characters of a reason; a longer one is cut. */
const reasonLengthMax = 2000

/** A Result as a payload; a reason is cut so that it always fits. */
export function encodeResult(result: Result): Buffer {
  const fitting = 'reason' in result ? { ...result, reason: result.reason.slice(0, reasonLengthMax) } : result
  return Buffer.from(JSON.stringify(fitting))
}

/** @throws {PeerError} `bad-message`, naming the field */
export function decodeResult(payload: Buffer): Result {
  const fields = objectFromPayload(payload, 'result')
  const timings = timingsFrom(fields['timings'])
  return timings === undefined ? endingFrom(fields) : { ...endingFrom(fields), timings }
}

function endingFrom(fields: Fields): Ending {
  const kind = textIn(fields, 'kind')
  if (kind === 'exited') return { kind, code: exitCodeIn(fields) }
  if (kind === 'signalled') return { kind, signal: signalIn(fields) }
  const failure = failureKinds.find((known) => known === kind)
  if (failure !== undefined)
    return { kind: failure, reason: textIn(fields, 'reason').slice(0, reasonLengthMax) }
  throw new PeerError('Cannot read a result: this version does not know its kind', { code: 'bad-message' })
}

/** A caller makes its own exit status of it, and one of 256 would become 0 there. */
function exitCodeIn(fields: Fields): number {
  const code = integerIn(fields, 'code')
  if (code <= 255) return code
  throw new PeerError('Cannot read a result: "code" is above 255', { code: 'bad-message' })
}

/** Names of real-time signals, such as `SIGRTMIN+3`, are the longest. */
function signalIn(fields: Fields): string {
  const signal = textIn(fields, 'signal')
  if (/^SIG[A-Z0-9+-]{1,13}$/.test(signal)) return signal
  throw new PeerError('Cannot read a result: "signal" names no signal', { code: 'bad-message' })
}
