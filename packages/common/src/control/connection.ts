/**
 * One local program on the control socket: who it is, its one session, and what ends it early.
 * Floor 7. It serves nothing before it knows the caller's name, and a second session on it is refused: a caller is one
 * program, from its first request to its last.
 */
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.js'
import { sentenceOf } from '../errors.js'
import { controlGarbageBytesMax, controlListsMax, controlOpeningPatienceMs } from './limits.js'
import type { Log } from '../log.js'
import type { LocalProgram, LocalUser } from '../policy/caller.js'
import { newCounters } from '../session/counters.js'
import { Endpoint } from '../session/endpoint.js'
import type { LocalHello } from '../session/handshake.js'
import type { HeartbeatTimes } from '../session/heartbeat.js'
import type { ServingStream } from '../session/serving-stream.js'
import type { Request } from '../wire/request.js'
import { ProgramChannel } from './program-channel.js'
import type { ReadTurns } from '../channel/read-turns.js'

/** What every connection needs. */
export interface ConnectionNeeds {
  readonly path: string
  readonly hello: LocalHello
  readonly clock: Clock
  readonly log: Log
  readonly heartbeat: HeartbeatTimes
  readonly turns: ReadTurns
  /** Answers one request of a local program. */
  readonly answer: (stream: ServingStream, caller: LocalProgram) => void
}

interface ConnectionOptions extends ConnectionNeeds {
  readonly socket: Socket
  /** Who it is; rejects when that cannot be told for sure. */
  readonly user: Promise<LocalUser | undefined>
  readonly onClosed: () => void
}

/** What is answered by a list, which may be long. */
const lists: readonly Request['ask'][] = ['status', 'peers', 'commands']

/** One connection; it begins by itself. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #endpoint: Endpoint
  readonly #patience: Timer
  #caller: LocalProgram | undefined
  #hadSession = false
  #foreignBytes = 0

  constructor(options: ConnectionOptions) {
    const { socket, path, hello, clock, log, heartbeat, turns } = options
    this.#options = options
    this.#endpoint = new Endpoint({
      channel: new ProgramChannel({
        socket,
        name: path,
        clock,
        turns,
        patienceMs: heartbeat.deadMs,
        onImpatient: () => this.#tell('A local program does not read its answers'),
      }),
      role: 'server',
      hello,
      clock,
      log,
      heartbeat,
      counters: newCounters(),
      listener: {
        session: () => this.#takeSession(),
        call: (stream) => this.#takeCall(stream),
        sessionEnded: () => this.close(),
        refused: () => this.close(),
        foreign: (bytes) => this.#takeForeign(bytes),
        closed: () => this.#closed(),
      },
    })
    this.#patience = clock.setTimer(controlOpeningPatienceMs, () => this.close())
    void this.#begin()
  }

  /** Ends the session, if there is one, and the connection; harmless after the first time. */
  close(): void {
    this.#endpoint.close()
  }

  async #begin(): Promise<void> {
    const { user, log } = this.#options
    try {
      this.#caller = { kind: 'program', user: await user }
    } catch (error) {
      log.warn('Cannot tell who a local program is; its connection is closed', { reason: sentenceOf(error) })
      this.close()
    }
    // Also when it is closed, for only then its end is heard of.
    this.#endpoint.start()
  }

  #takeSession(): void {
    this.#patience.cancel()
    if (this.#hadSession) this.close()
    this.#hadSession = true
  }

  #takeCall(stream: ServingStream): void {
    if (this.#caller === undefined) return this.close()
    if (lists.includes(stream.request.ask) && this.#listCount() > controlListsMax)
      return stream.finish({
        kind: 'busy',
        reason: `${controlListsMax} lists are asked for on this connection already; read those first`,
      })
    this.#options.answer(stream, this.#caller)
  }

  #takeForeign(bytes: Buffer): void {
    this.#foreignBytes += bytes.length
    if (this.#foreignBytes <= controlGarbageBytesMax) return
    if (this.#foreignBytes - bytes.length <= controlGarbageBytesMax)
      this.#tell('A local program does not speak our protocol')
    this.close()
  }

  #closed(): void {
    this.#patience.cancel()
    this.#options.onClosed()
  }

  #listCount(): number {
    return this.#endpoint.session?.countOf(lists) ?? 0
  }

  #tell(sentence: string): void {
    const { userId, processId } = this.#caller?.user ?? {}
    this.#options.log.warn(`${sentence}; its connection is closed`, { userId, processId })
  }
}
