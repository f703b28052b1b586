/**
 * The closed list of errors; an error's class says who must act.
 * Floor 0. A message begins with what we were doing and has no full stop; it never holds a stack trace.
 */

interface ErrorDetails {
  readonly code: string
  readonly cause?: unknown
}

/** What all our errors share: a stable `code` for programs beside the sentence for people. */
export abstract class NegotiatorError extends Error {
  readonly code: string

  constructor(message: string, { code, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
  }
}

/** Our caller asked for something impossible: a bad option, a bad name, a closed session. */
export class UsageError extends NegotiatorError {}

/** The other side broke the protocol, went away or speaks another version. */
export class PeerError extends NegotiatorError {}

/** The machine said no: a missing folder, a busy port, no space, no permission. */
export class SystemError extends NegotiatorError {}

/** Policy said no. */
export class DeniedError extends NegotiatorError {}

/** The sentence of an error, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The system's error name (`ENOENT`, `EBUSY`, ...) of an error from a system call, else `undefined`. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
