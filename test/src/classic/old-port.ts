/**
 * A port of the guest as python-negotiator's own programs have it: opened for reading and writing, one C stream over both.
 *
 * Written against python-negotiator 0.12.2 and shares no code with the dialect that it tests. It is as strict as the
 * original: a line that is no count ends it, and so does an answer while the block that was read last holds more than the
 * message, for the C stream would have to seek back and a port cannot.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'

const blockBytes = 4096
const noHostWaitMs = 50

/** An open port. */
export class OldPort {
  readonly #descriptor: number
  readonly #block = Buffer.alloc(blockBytes)
  #unread: Buffer = Buffer.alloc(0)

  /** @throws the system's own error, `EBUSY` when another process holds the port */
  constructor(channel: string) {
    this.#descriptor = openSync(`/dev/virtio-ports/${channel}`, constants.O_RDWR)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** Writes a message. @throws Error `Illegal seek` */
  send(message: object): void {
    this.write(bytesOf(message))
  }

  /** Writes bytes as they are. */
  write(bytes: Buffer): void {
    if (this.#unread.length > 0) throw new Error('Illegal seek')
    for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written)
  }

  /** Waits for a message. @throws Error naming the line that is no count */
  receive(): unknown {
    const line = this.#takeLine()
    if (!/^[0-9]+$/.test(line)) throw new Error(`Received invalid input: ${JSON.stringify(line)}`)
    return JSON.parse(this.#take(Number(line)).toString())
  }

  /** Waits until something has come, whatever it is. */
  receiveSomething(): void {
    while (this.#unread.length === 0) this.#read()
  }

  #takeLine(): string {
    while (!this.#unread.includes('\n')) this.#read()
    return this.#take(this.#unread.indexOf('\n') + 1)
      .toString()
      .trim()
  }

  #take(byteCount: number): Buffer {
    while (this.#unread.length < byteCount) this.#read()
    const taken = this.#unread.subarray(0, byteCount)
    this.#unread = this.#unread.subarray(byteCount)
    return taken
  }

  #read(): void {
    const byteCount = readSync(this.#descriptor, this.#block)
    // Nothing: no host is connected.
    if (byteCount === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, noHostWaitMs)
    this.#unread = Buffer.concat([this.#unread, this.#block.subarray(0, byteCount)])
  }
}

/** A message on the wire, byte for byte as Python's writer makes it: blanks behind commas and colons, ASCII only. */
export function bytesOf(message: object): Buffer {
  const json = JSON.stringify(message, null, 1)
    .replaceAll(/,\n */g, ', ')
    .replaceAll(/\n */g, '')
    .replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Buffer.from(`${json.length}\n${json}`)
}
