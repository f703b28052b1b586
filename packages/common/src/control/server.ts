/**
 * The control socket: local programs ask the daemon through it, over the same wire as between host and guest.
 * Floor 7. Who may connect is decided by the socket's mode and group.
 */
import { chown, lstat, mkdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { dirname } from 'node:path'
import { assertSocketPath, connectSocket, SocketChannel } from '../channel/socket-channel.js'
import type { Clock } from '../clock.js'
import { SystemError, systemCodeOf } from '../errors.js'
import type { Log } from '../log.js'
import { newCounters } from '../session/counters.js'
import { Endpoint } from '../session/endpoint.js'
import type { LocalHello } from '../session/handshake.js'
import type { HeartbeatTimes } from '../session/heartbeat.js'
import type { ServingStream } from '../session/serving-stream.js'

interface ControlServerOptions {
  readonly path: string
  readonly hello: LocalHello
  readonly clock: Clock
  readonly log: Log
  readonly heartbeat: HeartbeatTimes
  /** Answers one request of a local program. */
  readonly answer: (stream: ServingStream) => void
}

/** The group whose members may call, if the machine has it. */
const groupName = 'negotiator'

/** A daemon's control socket. */
export class ControlServer {
  readonly #options: ControlServerOptions
  readonly #server: Server
  readonly #endpoints = new Set<Endpoint>()

  private constructor(options: ControlServerOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /**
   * Listens on the socket; one that a dead daemon left behind is replaced.
   * @throws {SystemError} `already-running`, `socket-path-too-long`, `socket-failed`
   */
  static async listen(options: ControlServerOptions): Promise<ControlServer> {
    assertSocketPath(options.path)
    await makeFolder(options.path)
    await removeStale(options.path)
    const server = new ControlServer(options)
    await server.#listen()
    await giveToGroup(options)
    return server
  }

  /** Stops listening, ends all sessions and removes the socket. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const endpoint of this.#endpoints) endpoint.close()
    await closed
  }

  async #listen(): Promise<void> {
    const { path } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenError(path, cause)))
      // The mode must be right from the first instant: a chmod afterwards would leave a window.
      const umask = process.umask(0o117)
      try {
        this.#server.listen(path, resolve)
      } finally {
        process.umask(umask)
      }
    })
  }

  #serve(socket: Socket): void {
    const { path, hello, clock, log, heartbeat, answer } = this.#options
    const endpoint = new Endpoint({
      channel: new SocketChannel(socket, path),
      role: 'server',
      hello,
      clock,
      log,
      heartbeat,
      counters: newCounters(),
      listener: {
        session: () => undefined,
        call: answer,
        sessionEnded: () => undefined,
        refused: () => endpoint.close(),
        closed: () => void this.#endpoints.delete(endpoint),
      },
    })
    this.#endpoints.add(endpoint)
    endpoint.start()
  }
}

/** /run is empty after each boot, and supervisord makes no folders. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  } catch (cause) {
    throw listenError(path, cause)
  }
}

async function removeStale(path: string): Promise<void> {
  if (await isAnswered(path)) {
    throw new SystemError(`Cannot start the daemon: another one answers on "${path}"; stop that one first`, {
      code: 'already-running',
    })
  }
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return
  if (stats.isSocket()) return await rm(path, { force: true }) // A dead daemon's.
  throw new SystemError(
    `Cannot listen on the control socket "${path}": something else is there that is no socket; move it away`,
    {
      code: 'socket-failed',
    },
  )
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    const channel = await connectSocket({ path })
    channel.start({ bytes: () => undefined, drained: () => undefined, closed: () => undefined })
    channel.close()
    return true
  } catch (error) {
    const code = error instanceof SystemError ? error.code : undefined
    if (code === 'socket-missing' || code === 'socket-refused') return false
    if (code === 'socket-busy') return true // So many programs are waiting to be let in.
    throw listenError(path, error instanceof SystemError ? error.cause : error)
  }
}

async function giveToGroup({ path, log }: ControlServerOptions): Promise<void> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '')
  const id = groups
    .split('\n')
    .find((line) => line.startsWith(`${groupName}:`))
    ?.split(':')[2]
  if (id === undefined) return
  try {
    await chown(path, process.getuid?.() ?? 0, Number(id))
  } catch (error) {
    log.warn('Cannot give the control socket to its group; only its owner may call', {
      group: groupName,
      error: systemCodeOf(error),
    })
  }
}

function listenError(path: string, cause: unknown): SystemError {
  const code = systemCodeOf(cause)
  const why =
    code === 'EACCES'
      ? 'permission denied; run as root, or choose another folder with --root'
      : (code ?? 'unknown error')
  return new SystemError(`Cannot listen on the control socket "${path}": ${why}`, {
    code: 'socket-failed',
    cause,
  })
}
