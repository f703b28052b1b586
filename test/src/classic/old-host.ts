/**
 * python-negotiator's host side, as far as a guest can tell: its program, which connects for one call and leaves, and its
 * daemon, which serves on the other channel.
 */
import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { bytesOf } from './old-port.js'

/** It waits for ever; a test does not. */
const answerTimeoutMs = 120_000

/** Connects to the host-to-guest socket for one call, and leaves. */
export async function callAsOldHost(socketPath: string, request: object): Promise<unknown> {
  const socket = createConnection({ path: socketPath })
  await once(socket, 'connect')
  socket.setTimeout(answerTimeoutMs, () => socket.destroy())
  try {
    socket.write(bytesOf(request))
    return await oneMessage(socket)
  } finally {
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
  }
}

/** Serves on the guest-to-host socket until the returned function is called; a line that is no count ends it. */
export async function serveAsOldHost(
  socketPath: string,
  answer: (method: string, args: readonly string[]) => object,
): Promise<() => void> {
  const socket = createConnection({ path: socketPath })
  await once(socket, 'connect')
  const serve = async (): Promise<void> => {
    for (;;) {
      const { method, args } = (await oneMessage(socket)) as { method: string; args: readonly string[] }
      socket.write(bytesOf(answer(method, args)))
    }
  }
  void serve().catch(() => socket.destroy())
  return () => void socket.destroy()
}

async function oneMessage(socket: Socket): Promise<unknown> {
  const line = await taken(socket, (bytes) => bytes.indexOf('\n') + 1)
  if (!/^\s*[0-9]+\s*$/.test(line.toString()))
    throw new Error(`Received invalid input: ${JSON.stringify(line.toString())}`)
  const byteCount = Number(line.toString())
  const body = await taken(socket, (bytes) => (bytes.length >= byteCount ? byteCount : 0))
  return JSON.parse(body.toString())
}

/** Takes so many bytes as `length` says of what has come; 0: not yet enough. What is left stays in the socket. */
async function taken(socket: Socket, length: (bytes: Buffer) => number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read() as Buffer | null
    const byteCount = bytes === null ? 0 : length(bytes)
    if (bytes !== null) socket.unshift(bytes.subarray(byteCount))
    if (bytes !== null && byteCount > 0) return bytes.subarray(0, byteCount)
    if (socket.readableEnded || socket.destroyed) throw new Error('The other side has left')
    await Promise.race([once(socket, 'readable'), once(socket, 'close')])
  }
}
