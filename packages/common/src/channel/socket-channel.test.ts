import { getEventListeners, once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../clock.js'
import { readTurnMs, socketPathBytesMax } from '../limits.js'
import type { Channel } from './channel.js'
import { checkChannel } from './check-channel.js'
import { ReadTurns } from './read-turns.js'
import { RecordedEnd } from './recorded-end.js'
import { assertSocketPath, connectSocket, SocketChannel } from './socket-channel.js'

/** A folder with a short name, for the kernel takes no long ones. */
function socketFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'socket-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

async function listen(t: Test, path: string): Promise<Server> {
  const server = createServer()
  server.listen(path)
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return server
}

async function socketPair(t: Test): Promise<{ left: Channel; right: Channel }> {
  const path = join(socketFolder(t), 's')
  const server = await listen(t, path)
  const accepted = once(server, 'connection')
  const left = await connectSocket({ path })
  const [socket] = (await accepted) as [Socket]
  t.teardown(() => void socket.destroy())
  return { left, right: new SocketChannel(socket, path) }
}

test('SocketChannel keeps the contract of a channel', async (t) => {
  await checkChannel(t, socketPair)
})

test('SocketChannel tells why it broke', async (t) => {
  const path = join(socketFolder(t), 's')
  const server = await listen(t, path)
  const accepted = once(server, 'connection')
  const end = new RecordedEnd(await connectSocket({ path }))
  const [socket] = (await accepted) as [Socket]
  socket.destroy()
  await once(socket, 'close')
  end.start().channel.write(Buffer.from('into the void'))
  await end.until(() => end.closedCount > 0)
  t.match(end.causes, [{ code: 'EPIPE' }])
})

test('SocketChannel is named by its path', async (t) => {
  const { left, right } = await socketPair(t)
  t.match(left.name, /\/s$/)
  left.close()
  right.close()
})

test('connectSocket() says why it cannot connect and what to do', async (t) => {
  const folder = socketFolder(t)
  const missing = join(folder, 'missing')
  await t.rejects(connectSocket({ path: missing }), {
    name: 'SystemError',
    code: 'socket-missing',
    message: `Cannot connect to the socket "${missing}": it does not exist`,
  })
  const refusing = join(folder, 'file')
  writeFileSync(refusing, '')
  await t.rejects(connectSocket({ path: refusing }), {
    code: 'socket-refused',
    message: `Cannot connect to the socket "${refusing}": nobody listens on it`,
  })
  const odd = join(folder, 'file', 'below')
  await t.rejects(connectSocket({ path: odd }), { code: 'socket-failed', message: /ENOTDIR/ })
})

test(
  'connectSocket() says who may connect',
  { skip: process.getuid?.() === 0 && 'root may do anything' },
  async (t) => {
    const path = join(socketFolder(t), 's')
    await listen(t, path)
    chmodSync(path, 0)
    await t.rejects(connectSocket({ path }), {
      code: 'socket-denied',
      message: /permission denied; run as root or/,
    })
  },
)

test('connectSocket() tells a socket whose only place is taken', async (t) => {
  const path = join(socketFolder(t), 's')
  // A listener that never accepts, as QEMU while it serves somebody: its thread sleeps for ever.
  const busy = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads')
    require('node:net').createServer().listen({ path: workerData, backlog: 1 }, () => {
      parentPort.postMessage('listening')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`,
    { eval: true, workerData: path },
  )
  t.teardown(async () => void (await busy.terminate()))
  await once(busy, 'message')
  const waiting = await Promise.all([connectSocket({ path }), connectSocket({ path })])
  await t.rejects(connectSocket({ path }), {
    code: 'socket-busy',
    message: /another program is attached to it/,
  })
  for (const channel of waiting) channel.close()
})

test('connectSocket() gives up when told to, before or meanwhile', async (t) => {
  const path = join(socketFolder(t), 's')
  await listen(t, path)
  await t.rejects(connectSocket({ path, signal: AbortSignal.abort() }), {
    code: 'socket-failed',
    message: /given up/,
  })
  const controller = new AbortController()
  const connecting = connectSocket({ path, signal: controller.signal })
  controller.abort()
  await t.rejects(connecting, { message: `Cannot connect to the socket "${path}": given up` })
})

test('connectSocket() leaves nothing behind on its signal', async (t) => {
  const folder = socketFolder(t)
  const path = join(folder, 's')
  await listen(t, path)
  const { signal } = new AbortController()
  const channel = await connectSocket({ path, signal })
  await t.rejects(connectSocket({ path: join(folder, 'missing'), signal }))
  t.equal(getEventListeners(signal, 'abort').length, 0)
  channel.close()
})

test('assertSocketPath() takes the longest path that the kernel takes, and no longer one', async (t) => {
  const longest = `/${'x'.repeat(socketPathBytesMax - 1)}`
  assertSocketPath(longest)
  const tooLong = `/${'ü'.repeat((socketPathBytesMax + 1) / 2)}`
  const expected = {
    name: 'SystemError',
    code: 'socket-path-too-long',
    message: `Cannot use the socket "${tooLong}": its path has 109 bytes, the kernel takes at most 107; choose a shorter folder`,
  }
  t.throws(() => assertSocketPath(tooLong), expected)
  await t.rejects(connectSocket({ path: tooLong }), expected)
})

test('a flood on one channel leaves the next turn to another that shares its turns', async (t) => {
  const path = join(socketFolder(t), 's')
  const server = await listen(t, path)
  let nowMs = 0
  const turns = new ReadTurns({ ...systemClock, now: () => nowMs }, 1024)
  const connectOne = async (): Promise<{ near: SocketChannel; far: Socket }> => {
    const accepted = once(server, 'connection')
    const near = await connectSocket({ path, turns })
    const [far] = (await accepted) as [Socket]
    t.teardown(() => void far.destroy())
    return { near, far }
  }
  const [flooded, quiet] = [await connectOne(), await connectOne()]
  const piecesMax = 1000
  let pieces = 0
  const receiver = { drained: () => undefined, closed: () => undefined }
  const heard = new Promise<number>((resolve) => {
    quiet.near.start({ ...receiver, bytes: () => resolve(pieces) })
  })
  flooded.near.start({
    ...receiver,
    bytes: () => {
      pieces += 1
      nowMs += readTurnMs
      if (pieces === 1) quiet.far.write('x')
    },
  })
  flooded.far.write(Buffer.alloc(piecesMax * 1024))
  t.ok(
    (await heard) < piecesMax / 2,
    'what came later on the other channel did not wait for all of the flood',
  )
  flooded.near.close()
  quiet.near.close()
})
