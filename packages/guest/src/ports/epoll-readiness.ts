/**
 * Event-driven readiness: an edge-triggered epoll set, itself watched by Node's own event loop.
 * Edges and not levels, because a port without a host reports POLLIN and POLLHUP for ever and a level would spin. The kernel
 * wakes a port's waiters for data, room, host connect and host disconnect alike (virtio_console.c, `port->waitqueue`).
 * koffi reaches epoll, poll(2) and libuv's poll handle; no thread is involved and nothing is parked.
 */
import type { Koffi } from '@negotiator/common'
import type { Readiness } from './readiness.js'

/** From <sys/epoll.h>. */
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLL_CLOEXEC = 0o2000000
const EPOLLIN = 0x1
const EPOLLOUT = 0x4
const EPOLLET = 0x80000000

/** From <poll.h>: `struct pollfd` is a descriptor, the events asked for, and those found. */
const pollBytes = 8
const pollAskedOffset = 4
const POLLIN = 0x1

/** `struct epoll_event` is packed on x86 only. */
const isPacked = process.arch === 'x64' || process.arch === 'ia32'
const eventBytes = isPacked ? 12 : 16
const dataOffset = isPacked ? 4 : 8

/** Ports told of in one wake-up; the rest follow in the next. */
const eventsMax = 16

/**
 * @param koffi however it was loaded
 * @throws when the C library has none of the calls
 */
export function openEpollReadiness(koffi: Koffi): Readiness {
  const library = koffi.load(null)
  const calls: EpollCalls = {
    create: library.func('int epoll_create1(int flags)'),
    control: library.func('int epoll_ctl(int epfd, int op, int fd, void *event)'),
    wait: library.func('int epoll_wait(int epfd, _Out_ void *events, int maxevents, int timeout)'),
    poll: library.func('int poll(_Inout_ void *fds, unsigned long nfds, int timeout)'),
    close: library.func('int close(int fd)'),
  }
  return new EpollReadiness(calls, (descriptor, onReadable) =>
    koffi.node.poll(descriptor, { readable: true }, onReadable),
  )
}

interface EpollCalls {
  readonly create: (flags: number) => number
  /** `epoll_ctl(epoll, operation, descriptor, event)`. */
  readonly control: (
    ...parameters: [epoll: number, operation: number, descriptor: number, event: Buffer]
  ) => number
  /** `epoll_wait(epoll, events, eventsMax, timeoutMs)`. */
  readonly wait: (
    ...parameters: [epoll: number, events: Buffer, eventsMax: number, timeoutMs: number]
  ) => number
  /** `poll(descriptors, count, timeoutMs)`. */
  readonly poll: (descriptors: Buffer, count: number, timeoutMs: number) => number
  readonly close: (descriptor: number) => number
}

type PollInLoop = (descriptor: number, onReadable: () => void) => { close(): void }

class EpollReadiness implements Readiness {
  readonly #calls: EpollCalls
  readonly #epoll: number
  readonly #poll: { close(): void }
  readonly #watched = new Map<number, () => boolean>()
  readonly #events = Buffer.alloc(eventsMax * eventBytes)
  readonly #polled = Buffer.alloc(pollBytes)
  #isClosed = false

  constructor(calls: EpollCalls, pollInLoop: PollInLoop) {
    this.#calls = calls
    this.#epoll = calls.create(EPOLL_CLOEXEC)
    if (this.#epoll < 0) throw new Error('epoll_create1 failed')
    this.#polled.writeInt16LE(POLLIN, pollAskedOffset)
    this.#poll = pollInLoop(this.#epoll, () => this.#tell())
  }

  watch(descriptor: number, onReady: () => boolean): () => void {
    const event = Buffer.alloc(eventBytes)
    event.writeUInt32LE((EPOLLIN | EPOLLOUT | EPOLLET) >>> 0, 0)
    event.writeInt32LE(descriptor, dataOffset)
    if (this.#calls.control(this.#epoll, EPOLL_CTL_ADD, descriptor, event) !== 0)
      throw new Error('epoll_ctl failed')
    this.#watched.set(descriptor, onReady)
    return () => {
      if (!this.#watched.delete(descriptor) || this.#isClosed) return
      this.#calls.control(this.#epoll, EPOLL_CTL_DEL, descriptor, event)
    }
  }

  /** A host that has left and a port that was unplugged are told by POLLHUP, which is always asked for. */
  isQuiet(descriptor: number): boolean {
    this.#polled.writeInt32LE(descriptor, 0)
    return this.#calls.poll(this.#polled, 1, 0) === 0
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#watched.clear()
    this.#poll.close()
    this.#calls.close(this.#epoll)
  }

  #tell(): void {
    const count = this.#calls.wait(this.#epoll, this.#events, eventsMax, 0)
    for (let index = 0; index < count; index += 1) {
      const descriptor = this.#events.readInt32LE(index * eventBytes + dataOffset)
      this.#watched.get(descriptor)?.()
    }
  }
}
