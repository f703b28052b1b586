/**
 * The calls that oVirt's dialect makes for its host: facts of this guest, and what shall be done to it.
 * Floor 6. Each is a call like any other, through policy and registry; it never waits for another one.
 */
import type { IncomingCall } from '../../call/call.js'
import { PeerError } from '../../errors.js'
import { ovirtCommandMs, ovirtLineBytesMax } from '../../limits.js'
import type { Result } from '../../wire/result.js'
import { CollectedCall } from '../collected-call.js'
import type { CollectedEnd } from '../dialect.js'
import type { ActOrder } from './orders.js'

/** Calls commands until it is closed. */
export class GuestCalls {
  readonly #serve: (call: IncomingCall) => void
  readonly #calls = new Set<CollectedCall>()

  /** @param serve serves a call of the host, as the dispatcher does */
  constructor(serve: (call: IncomingCall) => void) {
    this.#serve = serve
  }

  /**
   * What a system command answers.
   * @returns the JSON, unchecked
   * @throws {PeerError} `no-answer`, saying why
   */
  async ask(command: string): Promise<unknown> {
    const end = await this.#run({ kind: 'act', command, args: ['--json'], timeoutMs: ovirtCommandMs })
    const failure = failureOf(command, end.result)
    if (failure !== undefined) throw new PeerError(`Cannot ask "${command}": ${failure}`, { code: 'no-answer' })
    return jsonFrom(command, end)
  }

  /** Does what the host wants. @returns why it failed; `undefined` when it did not */
  async act(order: ActOrder): Promise<string | undefined> {
    const { result } = await this.#run(order)
    const failure = failureOf(order.command, result)
    return failure === undefined ? undefined : `Cannot do "${order.command}": ${failure}`
  }

  /** Ends what runs. That a host leaves ends nothing. */
  close(): void {
    for (const call of this.#calls) call.stop('lost')
  }

  async #run({ command, args, timeoutMs }: ActOrder): Promise<CollectedEnd> {
    const call = new CollectedCall({
      request: { ask: 'run', command, args, hasStdin: false, timeoutMs },
      outputBytesMax: ovirtLineBytesMax,
    })
    this.#calls.add(call)
    this.#serve(call)
    const end = await call.ended
    this.#calls.delete(call)
    return end
  }
}

function jsonFrom(command: string, { stdout, isCut }: CollectedEnd): unknown {
  try {
    if (isCut) throw new RangeError(`more than ${ovirtLineBytesMax} bytes`)
    return JSON.parse(stdout.toString())
  } catch (cause) {
    throw new PeerError(`Cannot ask "${command}": what it answered is not one JSON value`, {
      code: 'no-answer',
      cause,
    })
  }
}

function failureOf(command: string, result: Result): string | undefined {
  switch (result.kind) {
    case 'exited':
      return result.code === 0 ? undefined : `it ended with exit status ${result.code}`
    case 'signalled':
      return `it was ended by ${result.signal}`
    case 'unknown-command':
      return `there is no command "${command}" on this guest`
    default:
      return result.reason
  }
}
