/**
 * A virtio port in the guest: opened once and kept, it yields a channel each time a host attaches.
 * The kernel admits one opener, so the descriptor stays open while hosts come and go; what read() says tells the two apart:
 * 0 bytes means that no host is there, EAGAIN that one is and is quiet.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import type { Channel } from '@negotiator/common'
import { SystemError, systemCodeOf } from '@negotiator/common'
import { PortChannel } from './port-channel.js'
import { holderOf } from './port-holder.js'
import type { Readiness } from './readiness.js'

/** Bytes read into one buffer; the kernel hands out at most 4 KiB a read, so one wake-up gathers many. */
const slabBytes = 64 * 1024
const readBytesMax = 4096

/** Bytes read in one turn of the event loop, so that a flood on one port leaves the other its turn. */
const turnBytesMax = 512 * 1024

/** One open port. */
export class Port {
  readonly path: string
  readonly #descriptor: number
  readonly #readiness: Readiness
  readonly #unwatch: () => void
  #slab = Buffer.allocUnsafeSlow(slabBytes)
  #slabUsed = 0
  #channel: PortChannel | undefined
  #waiting:
    | { readonly resolve: (channel: Channel) => void; readonly reject: (error: Error) => void }
    | undefined
  #failure: Error | undefined
  #isDrainScheduled = false
  #hasMoved = false

  private constructor({
    path,
    descriptor,
    readiness,
  }: {
    path: string
    descriptor: number
    readiness: Readiness
  }) {
    this.path = path
    this.#descriptor = descriptor
    this.#readiness = readiness
    this.#unwatch = readiness.watch(descriptor, () => this.#onReady())
  }

  /**
   * Opens a port.
   * @throws {SystemError} `port-busy`, naming who holds it; `port-failed`
   */
  static async open(path: string, readiness: Readiness): Promise<Port> {
    let descriptor: number | undefined
    try {
      descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
      return new Port({ path, descriptor, readiness })
    } catch (cause) {
      if (descriptor !== undefined) closeSync(descriptor)
      throw await openError(path, cause)
    }
  }

  /** Whether the port is gone for good: unplugged, or closed by us. */
  get isOver(): boolean {
    return this.#failure !== undefined
  }

  /**
   * Waits until a host is attached.
   * @returns the channel of this attachment; the one before it is over by then
   * @throws {SystemError} when the port is unplugged or closed, or `signal` fires
   */
  async nextHost(signal: AbortSignal): Promise<Channel> {
    if (this.#failure !== undefined) throw this.#failure
    return await new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', giveUp)
        this.#waiting = undefined
      }
      const giveUp = (): void => {
        leave()
        reject(new SystemError(`Cannot wait for a host on "${this.path}": stopped`, { code: 'stopped' }))
      }
      signal.addEventListener('abort', giveUp)
      this.#waiting = {
        resolve: (channel) => {
          leave()
          resolve(channel)
        },
        reject: (error) => {
          leave()
          reject(error)
        },
      }
      if (signal.aborted) giveUp()
      else this.#onReady()
    })
  }

  /** Closes the port; the channel in use, if any, is over. */
  close(): void {
    this.#fail(new SystemError(`The port "${this.path}" was closed`, { code: 'port-closed' }))
  }

  /** For the port's channel: writes what the kernel takes now. @returns bytes taken, 0 when there is no room */
  write(bytes: Buffer): number {
    try {
      const count = writeSync(this.#descriptor, bytes)
      this.#hasMoved = true
      return count
    } catch (error) {
      if (systemCodeOf(error) !== 'EAGAIN') this.#failSoon(error)
      return 0
    }
  }

  /** @returns whether bytes have moved since it was last called */
  #onReady(): boolean {
    if (this.isOver) return false
    this.#channel?.flush()
    this.#drain()
    const hasMoved = this.#hasMoved
    this.#hasMoved = false
    return hasMoved
  }

  /** Reads all there is, handing on a buffer's worth at a time. */
  #drain(): void {
    for (let turnBytes = 0; turnBytes < turnBytesMax;) {
      // What nobody takes stays in the kernel.
      if (this.isOver || (this.#channel === undefined && this.#waiting === undefined)) return
      const { bytes, end } = this.#gather()
      if (bytes.length > 0 || end === 'quiet') this.#attached()
      if (bytes.length > 0) this.#channel?.deliver(bytes)
      if (end === 'no-host') return this.#detached()
      if (end !== 'full') return
      turnBytes += bytes.length
    }
    this.#drainSoon()
  }

  /** We are told of changes only, so what is left after a long turn must be asked for by ourselves. */
  #drainSoon(): void {
    if (this.#isDrainScheduled) return
    this.#isDrainScheduled = true
    setImmediate(() => {
      this.#isDrainScheduled = false
      this.#drain()
    })
  }

  #gather(): { readonly bytes: Buffer; readonly end: 'full' | 'quiet' | 'no-host' | 'failed' } {
    if (slabBytes - this.#slabUsed < readBytesMax) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#slabUsed = 0
    }
    const start = this.#slabUsed
    const bytesSoFar = (): Buffer => this.#slab.subarray(start, this.#slabUsed)
    // A read that brought all it could is seldom the last.
    let isMoreLikely = false
    try {
      while (slabBytes - this.#slabUsed >= readBytesMax) {
        if (!isMoreLikely && this.#readiness.isQuiet(this.#descriptor))
          return { bytes: bytesSoFar(), end: 'quiet' }
        const count = readSync(this.#descriptor, this.#slab, this.#slabUsed, readBytesMax, null)
        if (count === 0) return { bytes: bytesSoFar(), end: 'no-host' }
        this.#slabUsed += count
        this.#hasMoved = true
        isMoreLikely = count === readBytesMax
      }
      return { bytes: bytesSoFar(), end: 'full' }
    } catch (error) {
      if (systemCodeOf(error) === 'EAGAIN') return { bytes: bytesSoFar(), end: 'quiet' }
      this.#failSoon(error)
      return { bytes: bytesSoFar(), end: 'failed' }
    }
  }

  #attached(): void {
    if (this.#channel !== undefined || this.#waiting === undefined) return
    this.#channel = new PortChannel(this, () => (this.#channel = undefined))
    this.#waiting.resolve(this.#channel)
  }

  #detached(): void {
    this.#channel?.end()
    this.#channel = undefined
  }

  #failSoon(cause: unknown): void {
    const why =
      systemCodeOf(cause) === 'ENODEV' ? 'it was unplugged' : (systemCodeOf(cause) ?? 'unknown error')
    queueMicrotask(() =>
      this.#fail(new SystemError(`The port "${this.path}" failed: ${why}`, { code: 'port-failed', cause })),
    )
  }

  #fail(error: Error): void {
    if (this.isOver) return
    this.#failure = error
    this.#unwatch()
    closeSync(this.#descriptor)
    this.#channel?.end(error)
    this.#channel = undefined
    this.#waiting?.reject(error)
  }
}

async function openError(path: string, cause: unknown): Promise<SystemError> {
  const code = systemCodeOf(cause)
  if (code === 'EBUSY') {
    const holder = (await holderOf(path)) ?? 'another process'
    return new SystemError(
      `Cannot open the port "${path}": ${holder} holds it, and the kernel admits one opener; stop that one first`,
      {
        code: 'port-busy',
        cause,
      },
    )
  }
  const hint = code === 'EACCES' ? 'permission denied; run as root' : (code ?? 'unknown error')
  return new SystemError(`Cannot open the port "${path}": ${hint}`, { code: 'port-failed', cause })
}
