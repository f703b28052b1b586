/**
 * The channels as UNIX sockets on which we listen as QEMU would: for trials without a virtual machine, and for containers.
 * Like QEMU we serve one host at a time on each.
 */
import { access, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { assertSocketPath, channelNames, SocketChannel, SystemError, systemCodeOf } from '@negotiator/common'
import type { Channel } from '@negotiator/common'
import type { ChannelSource } from './channel-source.js'

/**
 * Listens on `FOLDER/CHANNEL.sock` for each channel.
 * @param others the names of channels besides our own two
 * @throws {SystemError} `channel-folder-failed`, `socket-path-too-long`
 */
export async function openListeningSockets(
  folder: string,
  others: readonly string[] = [],
): Promise<ChannelSource> {
  const sockets = new Map<string, ListeningSocket>()
  const close = async (): Promise<void> => {
    for (const socket of sockets.values()) await socket.close()
  }
  try {
    for (const name of [...channelNames, ...others])
      sockets.set(name, await ListeningSocket.open(join(folder, `${name}.sock`)))
  } catch (error) {
    await close()
    throw error
  }
  return {
    nextHost: async (name, signal) => {
      const socket = sockets.get(name)
      if (socket === undefined)
        throw new SystemError(`Cannot wait for a host: no socket "${name}"`, { code: 'port-missing' })
      return await socket.nextHost(signal)
    },
    close,
  }
}

class ListeningSocket {
  readonly #path: string
  readonly #server: Server
  /** All that are connected. */
  readonly #sockets = new Set<Socket>()
  /** Those whose turn has not come. */
  readonly #attached: Socket[] = []
  #wake: () => void = () => undefined

  private constructor(path: string) {
    this.#path = path
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#attached.push(socket)
      this.#wake()
    })
  }

  static async open(path: string): Promise<ListeningSocket> {
    assertSocketPath(path)
    const socket = new ListeningSocket(path)
    try {
      // Of a folder that is missing, Node's listen would say that we have no permission.
      await access(dirname(path))
      await rm(path, { force: true })
      await socket.#listen()
    } catch (cause) {
      throw listenError(path, cause)
    }
    return socket
  }

  async nextHost(signal: AbortSignal): Promise<Channel> {
    while (!signal.aborted) {
      const socket = this.#attached.shift()
      if (socket !== undefined) return new SocketChannel(socket, this.#path)
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          signal.removeEventListener('abort', this.#wake)
          resolve()
        }
        signal.addEventListener('abort', this.#wake)
      })
    }
    throw new SystemError(`Cannot wait for a host on "${this.#path}": stopped`, { code: 'stopped' })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#path, resolve)
    })
  }
}

function listenError(path: string, cause: unknown): SystemError {
  const code = systemCodeOf(cause)
  const why = code === 'ENOENT' ? 'its folder does not exist; create it' : (code ?? 'unknown error')
  return new SystemError(`Cannot listen on the channel socket "${path}": ${why}`, {
    code: 'channel-folder-failed',
    cause,
  })
}
