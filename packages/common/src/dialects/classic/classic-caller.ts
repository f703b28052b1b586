/**
 * What can be asked of a python-negotiator peer: run a command, tell the commands, answer.
 * Floor 6.
 */
import type { OutgoingCall } from '../../call/call.js'
import type { Clock } from '../../clock.js'
import { PeerError, SystemError, UsageError } from '../../errors.js'
import { classicQueueMax } from '../dialect-limits.js'
import type { Log } from '../../log.js'
import { isCommandName } from '../../registry/command.js'
import type { RunRequest } from '../../wire/request.js'
import { resultOfFailure } from './answer.js'
import type { Answer } from './answer.js'
import { ClassicLane } from './classic-lane.js'
import type { Errand } from './classic-lane.js'
import { encodeRequest } from './message.js'
import { OutgoingClassicCall } from './outgoing-classic-call.js'

interface ClassicCallerOptions {
  /** The peer's name, for people. */
  readonly peer: string
  readonly clock: Clock
  readonly log: Log
  readonly send: (bytes: Buffer) => void
  /** Sends our own opening once more: the peer may have been upgraded. */
  readonly knock: () => void
  /** `isThere` has changed. */
  readonly onChange: () => void
}

/** One peer of the old protocol, on a channel on which we call. */
export class ClassicCaller {
  readonly #options: ClassicCallerOptions
  readonly #lane: ClassicLane

  constructor(options: ClassicCallerOptions) {
    this.#options = options
    this.#lane = new ClassicLane(options)
  }

  /** Whether there is such a peer, as far as we know. */
  get isThere(): boolean {
    return this.#lane.isThere
  }

  /** Calls that wait or are under way. */
  get callCount(): number {
    return this.#lane.errandCount
  }

  /** Calls that wait for the one that is under way, and whether the next is refused. */
  get line(): { readonly callCount: number; readonly isFull: boolean } {
    return { callCount: Math.max(0, this.callCount - 1), isFull: this.callCount > classicQueueMax }
  }

  /** Takes bytes of the channel that are not of our own protocol. */
  push(bytes: Buffer): void {
    this.#lane.push(bytes)
  }

  /** The channel is over, or the peer is one of ours now. */
  close(why: string): void {
    this.#lane.close(why)
  }

  /** Starts a call. @throws {UsageError} `too-many-calls` */
  open(request: RunRequest): OutgoingCall {
    const { clock, log, peer } = this.#options
    if (this.line.isFull) {
      throw new UsageError(
        `Cannot call "${peer}": ${classicQueueMax} calls wait for it already, and python-negotiator takes one at a time`,
        { code: 'too-many-calls' },
      )
    }
    const call: OutgoingClassicCall = new OutgoingClassicCall({
      request,
      clock,
      onReady: () => this.#lane.add(errand),
      onGivenUp: () => this.#lane.giveUp(errand),
      onSignal: (signal) => log.warn('A signal was not sent: python-negotiator has none', { peer, signal }),
    })
    const errand = executing(call)
    call.start()
    return call
  }

  /** The peer's commands now. @throws {SystemError} `unreachable`; {@link PeerError} `bad-message` */
  async commands(): Promise<readonly string[]> {
    const answer = await this.#ask(encodeRequest({ method: 'list_commands', args: [], kw: {} }))
    const names: unknown = answer.kind === 'result' ? answer.value : undefined
    if (Array.isArray(names)) return names.filter((name) => isName(name)).toSorted(byCodePoint)
    throw new PeerError(`Cannot read the commands of "${this.#options.peer}": it answers something else`, {
      code: 'bad-message',
    })
  }

  /** One round trip in milliseconds; `undefined` when there is no answer. */
  async ping(): Promise<number | undefined> {
    return await new Promise((resolve) => {
      this.#lane.add({
        message: (roundTripMs) => {
          resolve(roundTripMs)
          return undefined
        },
        answered: () => resolve(undefined),
        unreachable: () => resolve(undefined),
        lost: () => resolve(undefined),
      })
    })
  }

  async #ask(message: Buffer): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new SystemError(`Cannot ask "${this.#options.peer}": ${why}`, { code: 'unreachable' }))
      this.#lane.add({ message: () => message, answered: resolve, unreachable: fail, lost: fail })
    })
  }
}

/** Runs a command, as an errand. */
function executing(call: OutgoingClassicCall): Errand {
  return {
    message: () => {
      call.isSent = true
      const { args, input } = call.parameters
      return encodeRequest({ method: 'execute', args, kw: { capture: true, input } })
    },
    answered: (answer) => tellEnd(call, answer),
    unreachable: (why) => call.finish({ kind: 'unreachable', reason: why }),
    lost: (why) => call.finish({ kind: 'lost', reason: why }),
  }
}

function tellEnd(call: OutgoingClassicCall, answer: Answer): void {
  if (answer.kind === 'failure') return call.finish(resultOfFailure(answer.error))
  // A command whose output is not captured gives null.
  const output = answer.kind === 'result' ? (answer.value ?? '') : undefined
  if (typeof output === 'string') return call.finish({ kind: 'exited', code: 0 }, output)
  call.finish({ kind: 'lost', reason: 'the answer of the other side cannot be understood' })
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && isCommandName(value)
}

function byCodePoint(one: string, other: string): number {
  return one < other ? -1 : 1
}
