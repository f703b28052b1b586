/**
 * Output on its way to whoever reads ours, who may leave before the end (`| head`).
 * Floor 8.
 */
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SystemError, systemCodeOf } from '../errors.js'

/**
 * Carries all of a stream to an output, which stays open.
 * @throws {SystemError} `reader-left`; `output-failed`, e.g. when the disk behind it is full
 */
export async function deliver(from: Readable, to: Writable): Promise<void> {
  try {
    await pipeline(from, to, { end: false })
  } catch (cause) {
    throw outputError(cause)
  }
}

/** Why an output takes no more. */
export function outputError(cause: unknown): SystemError {
  const code = systemCodeOf(cause)
  if (code === 'EPIPE')
    return new SystemError('Nobody reads the output any more', { code: 'reader-left', cause })
  return new SystemError(`Cannot write the output: ${code ?? 'unknown error'}`, {
    code: 'output-failed',
    cause,
  })
}
