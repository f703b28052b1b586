/**
 * The calls that oVirt's dialect makes for its host: facts of this guest, and what shall be done to it.
 * Floor 6. Each is a call like any other, through policy and registry.
 */
import { PeerError } from '../../errors.js'
import { ovirtCommandMs, ovirtNoticeLengthMax } from './ovirt-limits.js'
import type { CollectedEnd, Switchboard } from '../dialect.js'
import type { ActOrder } from './orders.js'

/**
 * What a system command answers.
 * @returns the JSON, unchecked
 * @throws {PeerError} `no-answer`, saying why
 */
export async function askCommand(switchboard: Switchboard, command: string): Promise<unknown> {
  const end = await switchboard.run({
    ...{ command, args: ['--json'], timeoutMs: ovirtCommandMs },
    isRoutine: true,
  })
  const failure = failureOf(command, end) ?? (end.isCut ? 'its answer is too long' : undefined)
  if (failure !== undefined) throw noAnswer(command, failure)
  try {
    return JSON.parse(end.stdout.toString())
  } catch (cause) {
    throw noAnswer(command, 'what it answered is not JSON', cause)
  }
}

/** Does what the host wants. @returns why it failed; `undefined` when it did not */
export async function act(switchboard: Switchboard, order: ActOrder): Promise<string | undefined> {
  const { command, args, timeoutMs } = order
  const failure = failureOf(command, await switchboard.run({ command, args, timeoutMs }))
  return failure === undefined ? undefined : `Cannot do "${command}": ${failure}`
}

function noAnswer(command: string, reason: string, cause?: unknown): PeerError {
  return new PeerError(`Cannot ask "${command}": ${reason}`, { code: 'no-answer', cause })
}

function failureOf(command: string, { result, stderr }: CollectedEnd): string | undefined {
  switch (result.kind) {
    case 'exited': {
      if (result.code === 0) return undefined
      const words = stderr.toString().trim().slice(0, ovirtNoticeLengthMax)
      return `it ended with exit status ${result.code}${words === '' ? '' : `: ${words}`}`
    }
    case 'signalled':
      return `it was ended by ${result.signal}`
    case 'unknown-command':
      return `there is no command "${command}" on this guest`
    default:
      return result.reason
  }
}
