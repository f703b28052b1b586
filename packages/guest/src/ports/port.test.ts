import { execFileSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  openSync,
  readSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { testFolder } from '@negotiator/common/testing'
import type { Test } from 'tap'
import { Port } from './port.js'
import { HandReadiness } from './test-readiness.js'
import { KeptReceiver } from './test-receiver.js'

/**
 * No file outside of a virtual machine behaves as a port in all things, but each thing has its file: a named pipe says EAGAIN when
 * it is empty as a port does whose host is quiet, a file reads 0 bytes at its end as one whose host has left, /dev/zero never runs
 * dry.
 */
interface PipePort {
  readonly port: Port
  readonly readiness: HandReadiness
  /** The other end, for reading and writing. */
  readonly other: number
}

function makePipe(t: Test): string {
  const path = join(testFolder(t), 'port')
  execFileSync('mkfifo', [path])
  return path
}

async function openPipe(t: Test): Promise<PipePort> {
  const path = makePipe(t)
  const readiness = new HandReadiness()
  const port = await Port.open(path, readiness)
  const other = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => {
    port.close()
    closeSync(other)
  })
  return { port, readiness, other }
}

async function openDevice(t: Test, path: string): Promise<{ port: Port; readiness: HandReadiness }> {
  const readiness = new HandReadiness()
  const port = await Port.open(path, readiness)
  t.teardown(() => port.close())
  return { port, readiness }
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

const never: AbortSignal = new AbortController().signal

test('open() says which port it cannot open, and why', async (t) => {
  const missing = join(testFolder(t), 'vport0p9')
  await t.rejects(Port.open(missing, new HandReadiness()), {
    name: 'SystemError',
    code: 'port-failed',
    message: `Cannot open the port "${missing}": ENOENT`,
  })
})

test(
  'open() says what to do when it may not',
  { skip: process.getuid?.() === 0 && 'root may do anything' },
  async (t) => {
    const path = makePipe(t)
    chmodSync(path, 0)
    await t.rejects(Port.open(path, new HandReadiness()), { message: /permission denied; run as root$/ })
  },
)

test('open() holds no port that it cannot watch', async (t) => {
  const path = makePipe(t)
  const blind = {
    watch: () => {
      throw new Error('epoll_ctl failed')
    },
    isQuiet: () => false,
    close: () => undefined,
  }
  const before = readdirSync('/proc/self/fd').length
  await t.rejects(Port.open(path, blind), { code: 'port-failed', message: /Cannot open the port/ })
  t.equal(readdirSync('/proc/self/fd').length, before)
})

test('nextHost() waits while no host is there, and gives up when told to', async (t) => {
  const { port, readiness } = await openDevice(t, '/dev/null')
  const controller = new AbortController()
  const waiting = port.nextHost(controller.signal)
  readiness.tell()
  controller.abort()
  await t.rejects(waiting, {
    code: 'stopped',
    message: 'Cannot wait for a host on "/dev/null": stopped',
  })
  await t.rejects(port.nextHost(AbortSignal.abort()), { code: 'stopped' })
})

test('nextHost() leaves nothing behind on its signal', async (t) => {
  const { signal } = new AbortController()
  const { port } = await openPipe(t)
  await port.nextHost(signal)
  const absent = await openDevice(t, '/dev/null')
  const waiting = absent.port.nextHost(signal)
  absent.port.close()
  await t.rejects(waiting)
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

test('a channel has the name of its device, delivers what arrives, and each chunk stays as it was', async (t) => {
  const { port, readiness, other } = await openPipe(t)
  const channel = await port.nextHost(never)
  t.equal(channel.name, port.path)
  const receiver = new KeptReceiver(channel)
  let expected = ''
  // More than one of the buffers into which a port reads.
  for (let round = 0; round < 40; round += 1) {
    const text = String.fromCharCode(0x41 + round).repeat(5000)
    writeSync(other, text)
    expected += text
    readiness.tell()
  }
  t.ok(receiver.text === expected)
})

test('a port that is known to be quiet is not read, and yields its channel all the same', async (t) => {
  const { port, readiness, other } = await openPipe(t)
  readiness.areQuiet = true
  const receiver = new KeptReceiver(await port.nextHost(never))
  writeSync(other, 'unseen')
  t.same(readiness.tell(), [false])
  readiness.areQuiet = false
  t.same(readiness.tell(), [true])
  t.equal(receiver.text, 'unseen')
})

test('a host that leaves ends its channel after its last words, and the next one gets a channel of its own', async (t) => {
  const path = join(testFolder(t), 'port')
  writeFileSync(path, 'last words')
  const { port, readiness } = await openDevice(t, path)
  const first = new KeptReceiver(await port.nextHost(never))
  await turn()
  t.equal(first.text, 'last words')
  t.same(first.causes, [undefined])
  t.equal(port.isOver, false)
  const next = port.nextHost(never)
  appendFileSync(path, 'hello')
  readiness.tell()
  const second = new KeptReceiver(await next)
  await turn()
  t.same([first.text, second.text], ['last words', 'hello'])
})

test('what nobody waits for stays in the port, for the next channel', async (t) => {
  const { port, readiness, other } = await openPipe(t)
  const first = await port.nextHost(never)
  const receiver = new KeptReceiver(first)
  first.close()
  writeSync(other, 'for the next')
  readiness.tell()
  t.equal(receiver.text, '')
  t.equal(new KeptReceiver(await port.nextHost(never)).text, 'for the next')
})

test('a flood leaves other work its turn', async (t) => {
  const { port, readiness } = await openDevice(t, '/dev/zero')
  const channel = await port.nextHost(never)
  const receiver = new KeptReceiver(channel)
  const turns: number[] = []
  while (turns.length < 3) {
    await turn()
    turns.push(receiver.chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  }
  channel.close()
  t.ok(
    turns.every((byteCount, index) => byteCount > (turns[index - 1] ?? 0)),
    'and goes on by itself',
  )
  t.ok(
    turns.every((byteCount) => byteCount <= 4 * 1024 * 1024),
    `${turns.join(', ')} bytes`,
  )
  t.same(readiness.tell(), [true])
})

test('write() takes what fits, and the rest once there is room', async (t) => {
  const { port, readiness, other } = await openPipe(t)
  const channel = await port.nextHost(never)
  const receiver = new KeptReceiver(channel)
  const sent = Buffer.alloc(100_000, 'x')
  t.equal(channel.write(sent), false, 'a pipe holds 64 KiB')
  t.equal(receiver.drainedCount, 0)
  const arrived = Buffer.alloc(sent.length)
  let arrivedBytes = readSync(other, arrived)
  while (receiver.drainedCount === 0) {
    readiness.tell()
    // Port and other end share one pipe: what the port has read is no longer there for the other.
    arrivedBytes += receiver.chunks.splice(0).reduce((sum, chunk) => sum + chunk.length, 0)
  }
  t.equal(arrivedBytes, sent.length)
})

test('a port answers whether bytes have moved since it was told last', async (t) => {
  const { port, readiness, other } = await openPipe(t)
  const channel = await port.nextHost(never)
  const receiver = new KeptReceiver(channel)
  t.same(readiness.tell(), [false])
  writeSync(other, 'in')
  t.same([readiness.tell(), readiness.tell()], [[true], [false]])
  channel.write(Buffer.from('out'))
  t.same([readiness.tell(), readiness.tell()], [[true], [false]])
  t.equal(receiver.text, 'inout')
})

test('a port that fails ends its channel with the cause, and is over', async (t) => {
  // Reads like /dev/zero and has no room for anything.
  const { port, readiness } = await openDevice(t, '/dev/full')
  const channel = await port.nextHost(never)
  const receiver = new KeptReceiver(channel)
  channel.write(Buffer.from('x'))
  t.equal(port.isOver, false, 'not while a write is under way')
  await turn()
  t.match(receiver.causes, [{ code: 'port-failed', message: 'The port "/dev/full" failed: ENOSPC' }])
  t.equal(port.isOver, true)
  t.same(readiness.descriptors, [])
})

test('a port that cannot be read yields no channel', async (t) => {
  // Like a port that was unplugged since it was opened: nothing is at address 0.
  const { port } = await openDevice(t, '/proc/self/mem')
  await t.rejects(port.nextHost(never), {
    code: 'port-failed',
    message: 'The port "/proc/self/mem" failed: EIO',
  })
  t.equal(port.isOver, true)
})

test('close() ends the channel and the wait, gives the device back, and is final', async (t) => {
  const { port, readiness } = await openPipe(t)
  const receiver = new KeptReceiver(await port.nextHost(never))
  const waiting = port.nextHost(never)
  const before = readdirSync('/proc/self/fd').length
  port.close()
  port.close()
  t.equal(port.isOver, true)
  t.same(readiness.descriptors, [])
  t.equal(readdirSync('/proc/self/fd').length, before - 1)
  await t.rejects(waiting, { code: 'port-closed', message: `The port "${port.path}" was closed` })
  await turn()
  t.match(receiver.causes, [{ code: 'port-closed' }])
  await t.rejects(port.nextHost(never), { code: 'port-closed' })
})
