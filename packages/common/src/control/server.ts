/**
 * The control socket: local programs ask the daemon through it, over the same wire as between host and guest.
 * Floor 7. Who may connect is decided by the socket's mode and group; who it is that has connected, by the kernel.
 */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { assertSocketPath } from '../channel/socket-channel.js'
import type { Clock } from '../clock.js'
import { controlPieceBytes } from './limits.js'
import type { Log } from '../log.js'
import { limitLog } from '../log-limit.js'
import { importKoffi } from '../native/koffi.js'
import type { FindKoffi } from '../native/koffi.js'
import type { LocalProgram } from '../policy/caller.js'
import type { LocalHello } from '../session/handshake.js'
import type { HeartbeatTimes } from '../session/heartbeat.js'
import type { ServingStream } from '../session/serving-stream.js'
import { Connection } from './connection.js'
import { Doorkeeper } from './doorkeeper.js'
import { LocalUsers } from './local-users.js'
import { ReadTurns } from '../channel/read-turns.js'
import { clearPlace, firstUmask, letGroupIn, listenError } from './socket-place.js'

interface ControlServerOptions {
  readonly path: string
  readonly hello: LocalHello
  readonly clock: Clock
  readonly log: Log
  readonly heartbeat: HeartbeatTimes
  /** How koffi is had, which asks the kernel who a local program is; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
  /** Answers one request of a local program. */
  readonly answer: (stream: ServingStream, caller: LocalProgram) => void
}

const what = 'control socket'

/** A daemon's control socket. */
export class ControlServer {
  readonly #options: ControlServerOptions
  readonly #users: LocalUsers
  readonly #log: Log
  readonly #turns: ReadTurns
  readonly #server: Server
  readonly #doorkeeper = new Doorkeeper({ ownUserId: process.geteuid?.() ?? 0 })
  readonly #connections = new Set<Connection>()

  private constructor(options: ControlServerOptions, users: LocalUsers) {
    this.#options = options
    this.#users = users
    this.#log = limitLog(options.log, options.clock)
    this.#turns = new ReadTurns(options.clock, controlPieceBytes)
    this.#server = createServer((socket) => this.#admit(socket))
  }

  /**
   * Listens on the socket; one that a dead daemon left behind is replaced.
   * @throws {SystemError} `already-running`, `socket-path-too-long`, `socket-failed`
   */
  static async listen(options: ControlServerOptions): Promise<ControlServer> {
    const { path, clock, log, findKoffi = importKoffi } = options
    assertSocketPath(path)
    await clearPlace({ path, what })
    const server = new ControlServer(options, await LocalUsers.open({ findKoffi, clock, log }))
    await server.#listen()
    await letGroupIn({ path, what, log })
    return server
  }

  /** For the daemon's `status`: whether the users of local programs are known, and how many programs are connected. */
  status(): Readonly<Record<string, unknown>> {
    return {
      localUsers: this.#users.areKnown ? 'known' : 'unknown',
      localPrograms: this.#doorkeeper.count,
    }
  }

  /** Stops listening, ends all sessions and removes the socket. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const connection of this.#connections) connection.close()
    await closed
  }

  async #listen(): Promise<void> {
    const { path } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenError({ path, what }, cause)))
      // One that could not be taken in is no reason to end.
      this.#server.on('error', ({ message }) =>
        this.#log.debug('A connection to the control socket failed', { reason: message }),
      )
      // The mode must be right from the first instant: a chmod afterwards would leave a window.
      const umask = process.umask(firstUmask)
      try {
        this.#server.listen(path, resolve)
      } finally {
        process.umask(umask)
      }
    })
  }

  #admit(socket: Socket): void {
    const users = this.#users
    const credentials = users.credentialsOf(socket)
    if (credentials === undefined && users.areKnown)
      return this.#refuse(socket, 'the kernel does not tell whose it is')
    const userId = credentials?.userId
    const reason = this.#doorkeeper.enter(userId)
    if (reason !== undefined) return this.#refuse(socket, reason)
    const connection: Connection = new Connection({
      ...this.#options,
      socket,
      log: this.#log,
      turns: this.#turns,
      user: credentials === undefined ? Promise.resolve(undefined) : users.userOf(credentials),
      onClosed: () => {
        this.#connections.delete(connection)
        this.#doorkeeper.leave(userId)
      },
    })
    this.#connections.add(connection)
  }

  #refuse(socket: Socket, reason: string): void {
    this.#log.warn('A connection to the control socket is closed', { reason })
    socket.on('error', () => undefined) // It is over, whatever becomes of it.
    socket.destroy()
  }
}
