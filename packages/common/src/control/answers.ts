/**
 * The daemon's answers to what local programs ask: run, commands, peers, ping, wait, status, machine.
 * Floor 7. Each answer but a command's own output is JSON lines on standard output, then one result.
 */
import { findPeer } from '../call/find-peer.js'
import { writeJsonLine } from '../call/json-lines.js'
import { isCallable } from '../call/peer.js'
import type { Directory, Peer, PeerState } from '../call/peer.js'
import { inTime } from '../clock.js'
import type { Clock, Timer } from '../clock.js'
import { cataloguePatienceMs } from '../limits.js'
import type { LocalProgram } from '../policy/caller.js'
import type { MachineRequest, PingRequest, RunRequest, WaitRequest } from '../wire/request.js'
import type { Result } from '../wire/result.js'
import { peerStatus, peerSummary } from './peer-status.js'
import type { IncomingCall } from '../call/call.js'

/** What a program wants of a machine, and which program. */
export interface MachineNeeds {
  readonly request: MachineRequest
  readonly program: LocalProgram
}

interface AnswersOptions {
  readonly directory: Directory
  readonly clock: Clock
  /** Serves a program that runs a command on a peer. */
  readonly run: (call: IncomingCall, needs: { request: RunRequest; program: LocalProgram }) => void
  /** Serves a program that wants something of a managed guest's machine; a daemon without it has no machines. */
  readonly machine?: (stream: IncomingCall, needs: MachineNeeds) => void
  /** The daemon's own facts, beside its peers. */
  readonly status: () => Readonly<Record<string, unknown>>
}

/** What there is to tell now: a line, if it has changed, and a result, if nothing will follow. */
interface Look {
  readonly line?: unknown
  readonly result?: Result
}

const done: Result = { kind: 'exited', code: 0 }

/** Answers the requests of local programs. */
export class Answers {
  readonly #options: AnswersOptions

  constructor(options: AnswersOptions) {
    this.#options = options
  }

  /** Answers one request of a program; its result goes to the stream. */
  answer(stream: IncomingCall, program: LocalProgram): void {
    const { directory, status, run, machine = runsNone } = this.#options
    const { request } = stream
    switch (request.ask) {
      case 'run':
        return run(stream, { request, program })
      case 'commands':
        return void this.#commands(stream, request.target)
      case 'peers':
        return this.#follow(stream, { look: () => ({ line: { peers: directory.peers().map(peerSummary) } }) })
      case 'ping':
        return void this.#ping(stream, request)
      case 'wait':
        return this.#wait(stream, request)
      case 'machine':
        return machine(stream, { request, program })
      case 'status':
        writeJsonLine(stream.stdout, { ...status(), peers: directory.peers().map(peerStatus) })
        return stream.finish(done)
    }
  }

  async #commands(stream: IncomingCall, target: string | undefined): Promise<void> {
    const { clock } = this.#options
    const peer = this.#find(target)
    const untilMs = clock.now() + cataloguePatienceMs
    if (!('kind' in peer))
      await inTime(clock, { promise: peer.refreshCommands(), timeoutMs: cataloguePatienceMs })
    this.#follow(stream, {
      look: () => this.#lookAtCommands(target),
      timeoutMs: Math.max(0, untilMs - clock.now()),
      late: () => ({
        kind: 'timed-out',
        reason: `"${target}" does not tell its commands; is its daemon overloaded?`,
      }),
    })
  }

  #lookAtCommands(target: string | undefined): Look {
    const peer = this.#find(target)
    if ('kind' in peer) return { result: peer }
    if (!isCallable(peer.state) && peer.commands === undefined)
      return { result: { kind: 'unreachable', reason: `"${peer.name}" is ${peer.state}` } }
    return peer.commands === undefined ? {} : { line: { commands: peer.commands } }
  }

  #wait(stream: IncomingCall, { target, timeoutMs }: WaitRequest): void {
    const find = (): Peer | Result => findPeer(this.#options.directory, target)
    const stateOf = (peer: Peer | Result): PeerState | undefined => ('kind' in peer ? undefined : peer.state)
    this.#follow(stream, {
      look: () => {
        const state = stateOf(find())
        return state !== undefined && isCallable(state) ? { line: { state }, result: done } : {}
      },
      timeoutMs,
      late: () => ({ kind: 'timed-out', reason: `"${target}" is ${stateOf(find()) ?? 'not there'}` }),
    })
  }

  async #ping(stream: IncomingCall, { target, timeoutMs }: PingRequest): Promise<void> {
    const peer = this.#find(target)
    if ('kind' in peer) return stream.finish(peer)
    const answer = await inTime(this.#options.clock, { promise: peer.ping(), timeoutMs })
    if (answer === undefined)
      return stream.finish({
        kind: 'timed-out',
        reason: `"${peer.name}" has not answered in ${timeoutMs} ms`,
      })
    const roundTripMs = answer.value
    if (roundTripMs === undefined)
      return stream.finish({ kind: 'unreachable', reason: `"${peer.name}" is ${peer.state}` })
    writeJsonLine(stream.stdout, { roundTripMs })
    stream.finish(done)
  }

  /**
   * Tells what `look` sees now and after each change, until it gives a result or the caller leaves. With nothing to tell
   * in time `late` is the result.
   */
  #follow(
    stream: IncomingCall,
    { look, timeoutMs, late }: { look: () => Look; timeoutMs?: number | undefined; late?: () => Result },
  ): void {
    const { directory, clock } = this.#options
    let told = ''
    let timer: Timer | undefined
    const finish = (result: Result): void => {
      unsubscribe()
      timer?.cancel()
      stream.finish(result)
    }
    const tell = (): void => {
      const { line, result } = look()
      const text = JSON.stringify(line)
      if (line !== undefined && text !== told) writeJsonLine(stream.stdout, line)
      if (line !== undefined) timer?.cancel()
      told = text
      if (result !== undefined) finish(result)
    }
    const unsubscribe = directory.subscribe(tell)
    if (timeoutMs !== undefined && late !== undefined) timer = clock.setTimer(timeoutMs, () => finish(late()))
    stream.listen({
      stop: () => finish({ kind: 'cancelled', reason: 'the caller left' }),
      signal: () => undefined,
    })
    tell()
  }

  #find(target: string | undefined): Peer | Result {
    if (target === undefined) return { kind: 'unreachable', reason: 'the request names no target' }
    return findPeer(this.#options.directory, target)
  }
}

function runsNone(stream: IncomingCall): void {
  stream.finish({ kind: 'unreachable', reason: 'this daemon runs no machines; the one of the host does' })
}
