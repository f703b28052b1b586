/**
 * A call's result as an exit status, by the shell's own conventions.
 * Floor 8. Pure.
 */
import { constants } from 'node:os'
import type { NegotiatorError } from '../errors.js'
import { signalNumber } from '../signals.js'
import type { Result } from '../wire/result.js'

/** Trouble of ours: lost, busy, no such guest, daemon not running, wrong usage. */
export const troubleExitCode = 125

/** A hook has said no to what was about to happen. */
export const vetoExitCode = 3

/** @returns 124 when time was over; 141, as of a local program, when nobody reads our output any more; else 125 */
export function exitCodeOfError({ code }: NegotiatorError): number {
  if (code === 'timed-out') return 124
  return code === 'reader-left' ? 128 + constants.signals.SIGPIPE : troubleExitCode
}

/** @returns 0 to 255: the command's own; 128 + n by signal n; 124 to 127 as `timeout` and the shell have them */
export function exitCodeOf(result: Result): number {
  switch (result.kind) {
    case 'exited':
      return result.code
    case 'signalled':
      return 128 + signalNumber(result.signal)
    case 'timed-out':
      return 124
    case 'denied':
    case 'failed-to-start':
      return 126
    case 'unknown-command':
      return 127
    case 'cancelled':
      return 128 + constants.signals.SIGINT
    case 'busy':
    case 'lost':
    case 'unreachable':
      return troubleExitCode
  }
}
