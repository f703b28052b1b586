/**
 * A channel over a UNIX socket: QEMU's end of a virtio port, or a daemon's control socket.
 * Floor 1.
 */
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { SystemError, systemCodeOf } from '../errors.js'
import { socketPathBytesMax } from '../limits.js'
import type { Channel, ChannelReceiver } from './channel.js'
import type { ReadTurns } from './read-turns.js'

/** A channel over a connected socket, whichever side connected it. */
export class SocketChannel implements Channel {
  readonly name: string
  readonly #socket: Socket
  readonly #turns: ReadTurns | undefined
  #receiver: ChannelReceiver | undefined
  #cause: Error | undefined
  #isLeft = false
  #isOver = false

  /** @param turns shares time with other sockets, if there are such */
  constructor(socket: Socket, name: string, turns?: ReadTurns) {
    this.#socket = socket
    this.#turns = turns
    this.name = name
    // From the beginning, so that what happens before `start` is kept for it and never unhandled.
    socket.on('error', (error) => (this.#cause ??= error))
    socket.on('close', () => {
      this.#isOver = true
      this.#turns?.forget(socket)
      this.#receiver?.closed(this.#cause)
    })
    socket.pause()
  }

  start(receiver: ChannelReceiver): void {
    const socket = this.#socket
    this.#receiver = receiver
    if (this.#isOver) {
      queueMicrotask(() => receiver.closed(this.#cause))
      return
    }
    const take = (bytes: Buffer): void => {
      if (!this.#isLeft) receiver.bytes(bytes)
    }
    socket.on('data', (bytes: Buffer) => {
      if (this.#turns === undefined) take(bytes)
      else this.#turns.take(socket, { bytes, take })
    })
    socket.on('drain', () => receiver.drained())
    socket.resume()
  }

  write(bytes: Buffer): boolean {
    return this.#socket.writable ? this.#socket.write(bytes) : true
  }

  close(): void {
    this.#isLeft = true
    // What the kernel has taken still arrives; the rest would wait for a peer that does not read, perhaps for ever.
    this.#socket.destroy()
  }
}

/**
 * Connects to a UNIX socket.
 * @param place the socket's `path`, at most 107 bytes, a `signal` that gives up, and `turns` to share time with others
 * @throws {SystemError} `socket-path-too-long`, `socket-missing`, `socket-refused`, `socket-busy` (QEMU serves one client and
 *   lets no more wait), `socket-denied`, `socket-failed`
 */
export async function connectSocket({
  path,
  signal,
  turns,
}: {
  path: string
  signal?: AbortSignal
  turns?: ReadTurns
}): Promise<SocketChannel> {
  assertSocketPath(path)
  return await new Promise((resolve, reject) => {
    const socket = createConnection({ path })
    const fail = (error: Error): void => {
      signal?.removeEventListener('abort', giveUp)
      socket.destroy()
      reject(connectError(path, error))
    }
    const giveUp = (): void => fail(new Error('given up'))
    signal?.addEventListener('abort', giveUp, { once: true })
    socket.once('error', fail)
    socket.once('connect', () => {
      signal?.removeEventListener('abort', giveUp)
      socket.off('error', fail)
      resolve(new SocketChannel(socket, path, turns))
    })
    if (signal?.aborted === true) giveUp()
  })
}

/** @throws {SystemError} `socket-path-too-long` when the kernel would not take the path */
export function assertSocketPath(path: string): void {
  const byteCount = Buffer.byteLength(path)
  if (byteCount <= socketPathBytesMax) return
  throw new SystemError(
    `Cannot use the socket "${path}": its path has ${byteCount} bytes, the kernel takes at most ${socketPathBytesMax}; ` +
      'choose a shorter folder',
    { code: 'socket-path-too-long' },
  )
}

const explanations: Readonly<Record<string, readonly [code: string, why: string]>> = {
  ENOENT: ['socket-missing', 'it does not exist'],
  ECONNREFUSED: ['socket-refused', 'nobody listens on it'],
  EAGAIN: ['socket-busy', 'another program is attached to it and QEMU serves only one; `ss -xp` names it'],
  EACCES: ['socket-denied', 'permission denied; run as root or as a member of the group that owns it'],
}

function connectError(path: string, cause: Error): SystemError {
  const [code, why] = explanations[systemCodeOf(cause) ?? ''] ?? ['socket-failed', cause.message]
  return new SystemError(`Cannot connect to the socket "${path}": ${why}`, { code, cause })
}
