/**
 * The channels as UNIX sockets on which we listen as QEMU would: for trials without a virtual machine, and for containers.
 * Like QEMU we serve one host at a time on each.
 */
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import { assertSocketPath, channelNames, SocketChannel, SystemError, systemCodeOf } from '@negotiator/common'
import type { Channel, ChannelName } from '@negotiator/common'
import type { ChannelSource } from './channel-source.js'

/**
 * Listens on `FOLDER/CHANNEL.sock` for both channels.
 * @throws {SystemError} `channel-folder-failed`, `socket-path-too-long`
 */
export async function openListeningSockets(folder: string): Promise<ChannelSource> {
  const sockets = new Map<ChannelName, ListeningSocket>()
  for (const name of channelNames) sockets.set(name, await ListeningSocket.open(join(folder, `${name}.sock`)))
  return {
    nextHost: async (name, signal) => {
      const socket = sockets.get(name)
      if (socket === undefined) throw new SystemError(`Cannot wait for a host: no socket "${name}"`, { code: 'port-missing' })
      return await socket.nextHost(signal)
    },
    close: async () => {
      for (const socket of sockets.values()) await socket.close()
    },
  }
}

class ListeningSocket {
  readonly #path: string
  readonly #server: Server
  readonly #attached: Socket[] = []
  #wake: () => void = () => undefined

  private constructor(path: string) {
    this.#path = path
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      this.#attached.push(socket)
      this.#wake()
    })
  }

  static async open(path: string): Promise<ListeningSocket> {
    assertSocketPath(path)
    await rm(path, { force: true })
    const socket = new ListeningSocket(path)
    await new Promise<void>((resolve, reject) => {
      socket.#server.once('error', (cause) => reject(listenError(path, cause)))
      socket.#server.listen(path, resolve)
    })
    return socket
  }

  async nextHost(signal: AbortSignal): Promise<Channel> {
    while (!signal.aborted) {
      const socket = this.#attached.shift()
      if (socket !== undefined) return new SocketChannel(socket, this.#path)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    throw new SystemError(`Cannot wait for a host on "${this.#path}": stopped`, { code: 'stopped' })
  }

  async close(): Promise<void> {
    for (const socket of this.#attached) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

function listenError(path: string, cause: unknown): SystemError {
  const code = systemCodeOf(cause)
  const why = code === 'ENOENT' ? 'its folder does not exist; create it' : (code ?? 'unknown error')
  return new SystemError(`Cannot listen on the channel socket "${path}": ${why}`, { code: 'channel-folder-failed', cause })
}
