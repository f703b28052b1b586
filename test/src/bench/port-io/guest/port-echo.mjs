// Echoes in Node what comes on a virtio port; the ways differ in how they wait for it. Runs in the guest, and is not
// compiled: node port-echo.mjs WAY DEVICE, until it is killed.

import { closeSync, constants, openSync, read, readSync, writeSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import koffi from 'koffi'
import { systemClock } from './clock.mjs'
import { openEpollReadiness } from './epoll-readiness.mjs'
import { timerReadiness } from './timer-readiness.mjs'

const slabBytes = 64 * 1024
/** The kernel hands out no more in one read. */
const readBytesMax = 4096
/** A full port is tried again after so long, by ways that are not told of room. */
const retryMs = 1
const { EAGAIN } = koffi.os.errno

const ways = {
  epoll: echoByEpoll,
  'epoll-calls': echoByEpollAndCalls,
  timer: echoByTimer,
  sigio: echoBySigio,
  'poll-thread': echoByPollThread,
  'blocking-read': echoByBlockingRead,
}

const [way, device] = process.argv.slice(2)
await ways[way]()

/** As the guest's daemon does it. */
async function echoByEpoll() {
  const port = openPort()
  const readiness = await openEpollReadiness()
  readiness.watch(port, echoOf(byNode(port)))
}

/** The same, but read(2) and write(2) are called directly: an empty port is then a number and not an exception. */
async function echoByEpollAndCalls() {
  const port = openPort()
  const readiness = await openEpollReadiness()
  readiness.watch(port, echoOf(byCalls(port)))
}

function echoByTimer() {
  const port = openPort()
  timerReadiness(systemClock).watch(port, echoOf(byNode(port)))
}

function echoBySigio() {
  const [setOwner, setFlags, asynchronous] = [8, 4, 0o20000]
  const port = openPort()
  process.on('SIGIO', echoOf(byNode(port)))
  const control = koffi.load(null).func('int fcntl(int fd, int command, ...)')
  control(port, setOwner, 'int', process.pid)
  control(port, setFlags, 'int', constants.O_RDWR | constants.O_NONBLOCK | asynchronous)
  // A signal handler does not keep the process alive.
  setInterval(() => undefined, 1000)
}

function echoByPollThread() {
  const readable = 1
  const port = openPort()
  const echo = echoOf(byNode(port))
  const poll = koffi.load(null).func('int poll(void *fds, unsigned long count, int timeoutMs)')
  const watched = Buffer.alloc(8)
  watched.writeInt32LE(port, 0)
  watched.writeInt16LE(readable, 4)
  const wait = () => poll.async(watched, 1, 1000, () => (echo(), wait()))
  wait()
}

/** No drain: each read parks a thread of the pool until there are bytes, at most 4 KiB of them. */
function echoByBlockingRead() {
  const port = openSync(device, constants.O_RDWR)
  const slab = Buffer.allocUnsafeSlow(slabBytes)
  const next = () => read(port, slab, 0, slabBytes, null, (_error, count) => void answer(count))
  const answer = async (count) => {
    if (count === 0) await pass(10)
    for (let sent = 0; sent < count;) sent += writeSync(port, slab, sent, count - sent)
    next()
  }
  next()
}

function openPort() {
  return openSync(device, constants.O_RDWR | constants.O_NONBLOCK)
}

/**
 * @returns a function that reads all there is and sends it back; it comes back by itself while the port takes nothing, and
 *   says whether bytes have moved
 */
function echoOf({ take, give }) {
  const slab = Buffer.allocUnsafeSlow(slabBytes)
  let held = 0
  const echo = () => {
    for (let hasMoved = false; ; hasMoved = true) {
      for (let count = 1; count > 0 && slabBytes - held >= readBytesMax; held += count)
        count = take(slab, held)
      if (held === 0) return hasMoved
      const taken = give(slab, held)
      slab.copyWithin(0, taken, held)
      held -= taken
      if (taken > 0) continue
      setTimeout(echo, retryMs)
      return hasMoved
    }
  }
  setImmediate(echo)
  return echo
}

/** Reading and writing with node:fs. @returns two functions that give 0 when nothing can be done now */
function byNode(port) {
  return {
    take: (slab, held) => unlessLater(() => readSync(port, slab, held, readBytesMax, null)),
    give: (slab, held) => unlessLater(() => writeSync(port, slab, 0, held)),
  }
}

function unlessLater(work) {
  try {
    return work()
  } catch (error) {
    if (error.code === 'EAGAIN') return 0
    throw error
  }
}

function byCalls(port) {
  const library = koffi.load(null)
  const readCall = library.func('long read(int fd, void *bytes, size_t count)')
  const writeCall = library.func('long write(int fd, const void *bytes, size_t count)')
  const done = (count) => {
    if (count >= 0) return count
    if (koffi.errno() !== EAGAIN) {
      closeSync(port)
      throw new Error(`the port failed with ${koffi.errno()}`)
    }
    return 0
  }
  return {
    take: (slab, held) => done(readCall(port, slab.subarray(held), readBytesMax)),
    give: (slab, held) => done(writeCall(port, slab, held)),
  }
}
