/**
 * The contract of a dialect: it reads the requests of a protocol that is not ours, and writes the answers.
 * Floor 6. Whatever is to be run goes through the dispatcher like any call; a dialect has no way around it.
 */
import type { CatalogueEntry } from '../call/catalogue.js'
import type { RunRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import type { LetterFault, ReadableNodes } from './exchange.js'

/** What goes back; `undefined` for what the protocol leaves without an answer. */
export type Answer = Buffer | undefined

/** What a legacy request comes to. */
export type LegacyRequest =
  | {
      readonly kind: 'run'
      readonly request: RunRequest
      /** For standard input; absent for an empty one. */
      readonly input?: Buffer | undefined
    }
  | { readonly kind: 'catalogue' }
  /** The protocol's own business, or a request that cannot be met: this is the answer. */
  | { readonly kind: 'answer'; readonly body: Answer }
  /** What takes several calls, or a call whose end is not all there is to say: the dialect makes them and answers. */
  | {
      readonly kind: 'calls'
      readonly answer: (switchboard: Switchboard) => Promise<Answer>
    }

/** How a legacy request ended that came to one call. */
export type LegacyOutcome =
  | { readonly kind: 'run'; readonly request: RunRequest; readonly ended: CollectedEnd }
  | { readonly kind: 'catalogue'; readonly names: readonly string[] }

/** A call's result and its outputs, collected. */
export interface CollectedEnd {
  readonly result: Result
  readonly stdout: Buffer
  /** Whether there was more output than is collected. */
  readonly isCut: boolean
  /** The beginning of standard error: a sentence for people, not data. */
  readonly stderr: Buffer
}

/** A call that a dialect wants made. */
export interface WantedCall {
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** For standard input; absent for an empty one. Secrets go here: arguments are seen by every process. */
  readonly input?: Buffer | undefined
  readonly timeoutMs?: number | undefined
  /** Whether it is made again and again without being asked for: the audit log sums up those that are alike. */
  readonly isRoutine?: boolean | undefined
}

/** What a dialect can do besides reading and writing. */
export interface Switchboard {
  /** Makes a call, as the peer behind the exchange. Never rejects: a denial is a result, too. */
  run(wanted: WantedCall): Promise<CollectedEnd>
  /** The names of the commands here. */
  catalogue(): Promise<readonly string[]>
  /** What lies beside the letters, where the exchange has such a thing. */
  readonly nodes?: ReadableNodes | undefined
  /** Sends what nobody asked for. @returns whether it was taken; it is dropped when too much waits already */
  push(body: Buffer): boolean
}

/** How a protocol of lines has them. */
export interface LineHabits {
  /** What ends our lines; theirs may end with LF, CR LF or LF CR. */
  readonly end: string
  /** Requests that are read before the first of them is answered: 1 where answers tell not what they answer. */
  readonly atOnceMax: number
}

/** What came of asking the agent at the other end. */
export interface AskedEnd {
  readonly result: Result
  /** For people, as on standard error; empty for nothing. */
  readonly words: string
}

/** The agent at the other end of an exchange, where it can be asked for what some of our own commands do. */
export interface AskableAgent {
  /** As in "its oVirt agent"; `dialect` is what the audit log says in `via`. */
  readonly name: string
  readonly dialect: string
  /** What it can be asked for. */
  readonly commands: readonly CatalogueEntry[]
  /** Why it cannot be asked now; goes on behind "its NAME agent cannot be asked: ". */
  readonly obstacle: string | undefined
  /** Asks for one of its commands. Never rejects. */
  ask(call: { readonly command: string; readonly args: readonly string[] }): Promise<AskedEnd>
}

/** Reads requests and writes answers. Opened anew for each exchange, so it may keep what it was told in one. */
export interface Dialect {
  /** For logs and the audit log, e.g. `python-negotiator`. */
  readonly name: string
  /** How it wants its lines on an exchange of lines; LF, and one at a time, unless it says so. */
  readonly lines?: LineHabits | undefined
  /** Begins; whoever says something without being asked keeps the switchboard. */
  start?(switchboard: Switchboard): void
  /** Reads a request; never throws: a request that makes no sense is answered in the dialect's own words. */
  parse(body: Buffer): LegacyRequest
  /** Writes the answer to a request that came to one call. */
  render?(outcome: LegacyOutcome): Answer
  /** Answers a request that cannot be read, or whose answer failed; `undefined` where the protocol has no words for it. */
  refuse?(fault: LetterFault | 'failed'): Answer | Promise<Answer>
  /** The daemon stops: what is still to be said is said now. */
  farewell?(): void
  /** The exchange is over: nothing can be said any more. */
  close?(): void
  /** On a host: the agent at the other end, for calls to a guest whose daemon of ours is not there. */
  readonly agent?: AskableAgent | undefined
  /** What `status` tells of it, as JSON; what came from the other side is shown escaped. */
  status?(): unknown
}
