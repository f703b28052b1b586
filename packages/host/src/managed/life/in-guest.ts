/**
 * What the host itself asks of a guest's agent: to shut down, and what its hooks say.
 * It is a call like any other, so the guest's own policy decides.
 */
import { callOver, delay, findPeer, isCallable, outcomeOf, sentenceOf } from '@negotiator/common'
import type { Clock, Directory, Outcome, Peer } from '@negotiator/common'

/** A command of a guest. */
export interface GuestCall {
  readonly uuid: string
  readonly command: string
  readonly args: readonly string[]
  readonly timeoutMs: number
  /** Cancels the call. */
  readonly signal: AbortSignal
}

/**
 * How a guest answered. `unasked`: it was not reached, or has no such command; `refused`: it was asked, and did not do it.
 */
export type GuestAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'unasked'; readonly reason: string }
  /** With the command's own exit status, where it had one. */
  | { readonly kind: 'refused'; readonly reason: string; readonly exitCode?: number }

/** Characters of a guest's own words in a report: it may say whatever it likes. */
const wordsLengthMax = 200

/** Asks guests. */
export class InGuest {
  readonly #directory: Directory
  readonly #clock: Clock

  constructor({ directory, clock }: { readonly directory: Directory; readonly clock: Clock }) {
    this.#directory = directory
    this.#clock = clock
  }

  /** Runs a command in a guest; never rejects. */
  async run({ uuid, command, args, timeoutMs, signal }: GuestCall): Promise<GuestAnswer> {
    const peer = this.#find(uuid)
    if (peer === undefined || !isCallable(peer.state))
      return { kind: 'unasked', reason: `its agent cannot be called: it is ${peer?.state ?? 'not there'}` }
    try {
      const call = callOver(peer.open({ ask: 'run', command, args, timeoutMs, hasStdin: false }))
      call.stdin.end()
      const cancel = (): void => call.cancel()
      signal.addEventListener('abort', cancel, { once: true })
      if (signal.aborted) cancel()
      const outcome = await outcomeOf(call)
      signal.removeEventListener('abort', cancel)
      return answerOf(outcome)
    } catch (error) {
      return { kind: 'unasked', reason: sentenceOf(error) }
    }
  }

  /** Waits until a guest can be called. @returns whether it can */
  async whenCallable(
    uuid: string,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const isThere = (): boolean => isCallable(this.#find(uuid)?.state ?? 'off')
    const seen = new AbortController()
    const unsubscribe = this.#directory.subscribe(() => {
      if (isThere()) seen.abort()
    })
    if (!isThere())
      await delay(this.#clock, { delayMs: timeoutMs, signal: AbortSignal.any([seen.signal, signal]) })
    unsubscribe()
    return isThere()
  }

  #find(uuid: string): Peer | undefined {
    const peer = findPeer(this.#directory, uuid)
    return 'kind' in peer ? undefined : peer
  }
}

function answerOf(outcome: Outcome): GuestAnswer {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0
        ? { kind: 'done' }
        : {
            kind: 'refused',
            reason: `it exited with ${outcome.code}${wordsOf(outcome)}`,
            exitCode: outcome.code,
          }
    case 'signalled':
      return { kind: 'refused', reason: `it was ended by ${outcome.signal}` }
    case 'unknown-command':
    case 'unreachable':
      return { kind: 'unasked', reason: outcome.reason }
    // A guest that goes down takes its answer with it.
    case 'lost':
      return { kind: 'done' }
    default:
      return { kind: 'refused', reason: `${outcome.kind}: ${outcome.reason}` }
  }
}

function wordsOf({ stderr, stdout }: Outcome): string {
  const words = (stderr.length > 0 ? stderr : stdout).toString('utf8').trim().replace(/\s+/g, ' ')
  return words === '' ? '' : `: ${words.slice(0, wordsLengthMax)}`
}
