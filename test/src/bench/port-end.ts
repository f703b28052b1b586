/**
 * The host's end of a port that is measured without Negotiator: bytes out, bytes in, and how long it took.
 *
 * It takes no part in what the bytes mean. Each wait has a limit, for a port has no end-of-file when its program dies.
 */
import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'

const mebibyte = 1024 * 1024
const roundTripBytes = 64

/** The most that a virtio port takes in one write. */
export const portWriteBytes: number = 32 * 1024

/** Far above what any of these takes, even on a machine that does much else. */
const patienceMs = 60_000

/** A connection to a port's socket. */
export class PortEnd {
  readonly #socket: Socket
  #take: (chunk: Buffer) => void = () => undefined
  #fail: (error: Error) => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the port was closed')))
  }

  /** @param path the socket on which QEMU listens; nobody else may be connected */
  static async connect(path: string): Promise<PortEnd> {
    const socket = createConnection({ path })
    await once(socket, 'connect')
    return new PortEnd(socket)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Sends bytes; the port's queues hold a few MiB, what they do not take waits here. */
  send(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  /** Sends so many blocks, never faster than the port takes them. */
  async sendBlocks(blockCount: number): Promise<void> {
    const block = Buffer.alloc(portWriteBytes)
    for (let sent = 0; sent < blockCount; sent += 1) {
      if (!this.#socket.write(block)) await once(this.#socket, 'drain')
    }
  }

  /** Waits for so many bytes. */
  async receiveBytes(byteCount: number): Promise<void> {
    let leftBytes = byteCount
    await this.#receive('bytes', (chunk) => (leftBytes -= chunk.length) <= 0)
  }

  /** Waits for a text that ends so. */
  async receiveText(ending: string): Promise<string> {
    let text = ''
    await this.#receive('an answer', (chunk) => (text += chunk.toString('latin1')).endsWith(ending))
    return text
  }

  /** @returns milliseconds of each round trip of 64 bytes to a program that echoes them */
  async roundTrips(count: number): Promise<readonly number[]> {
    const message = Buffer.alloc(roundTripBytes, 'e')
    const times: number[] = []
    for (let trip = 0; trip < count; trip += 1) {
      const startedMs = performance.now()
      const arrived = this.receiveBytes(message.length)
      this.send(message)
      await arrived
      times.push(performance.now() - startedMs)
    }
    return times
  }

  /** @returns MiB/s of so many bytes that come, taken from the first of them on */
  async received(byteCount: number): Promise<number> {
    let startedMs: number | undefined
    let leftBytes = byteCount
    await this.#receive('bytes', (chunk) => {
      startedMs ??= performance.now()
      return (leftBytes -= chunk.length) <= 0
    })
    return byteCount / mebibyte / ((performance.now() - (startedMs ?? Number.NaN)) / 1000)
  }

  /** @returns MiB/s through a program that echoes what it gets: so many go there and as many come back */
  async echoed(byteCount: number): Promise<number> {
    return await mebibytesPerSecond(byteCount, async () => {
      const arrived = this.receiveBytes(byteCount)
      await Promise.all([this.sendBlocks(byteCount / portWriteBytes), arrived])
    })
  }

  async #receive(what: string, isWhole: (chunk: Buffer) => boolean): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => this.#fail(new Error(`nothing for ${patienceMs} ms`)), patienceMs)
        this.#fail = (cause) => {
          clearTimeout(timer)
          reject(new Error(`Cannot receive ${what} from the port: ${cause.message}`, { cause }))
        }
        this.#take = (chunk) => {
          if (!isWhole(chunk)) return void timer.refresh()
          clearTimeout(timer)
          resolve()
        }
      })
    } finally {
      this.#take = () => undefined
      this.#fail = () => undefined
    }
  }
}

/** @returns MiB/s of so many bytes, which `transfer` carries */
export async function mebibytesPerSecond(byteCount: number, transfer: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  await transfer()
  return byteCount / mebibyte / ((performance.now() - startedMs) / 1000)
}
