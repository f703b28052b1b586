// A virtio port, read and written without ever waiting in the kernel. Runs in the guest, and is not compiled.

import { constants, openSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs'
import { setImmediate as turn, setTimeout as pass } from 'node:timers/promises'

const slab = Buffer.allocUnsafeSlow(64 * 1024)
const ports = '/sys/class/virtio-ports'

/** One port. What it writes after its time is over is dropped, in the middle of a frame if need be. */
export class Port {
  #descriptor
  #isOver = () => false
  writtenBytes = 0
  readBytes = 0

  constructor(name) {
    const entry = readdirSync(ports).find(
      (at) => readFileSync(`${ports}/${at}/name`, 'latin1').trim() === name,
    )
    this.#descriptor = openSync(`/dev/${entry}`, constants.O_RDWR | constants.O_NONBLOCK)
  }

  /** From now on writing goes on until then. */
  until(isOver) {
    this.#isOver = isOver
  }

  /** Writes as much as the host takes until time is over. */
  async write(bytes) {
    for (let offset = 0; offset < bytes.length && !this.#isOver();) {
      const count = this.#tryWrite(bytes.subarray(offset))
      offset += count
      this.writtenBytes += count
      if (count === 0) await pass(1)
    }
    await turn()
  }

  /** What is there; no bytes when there is nothing. */
  read() {
    const chunks = []
    for (let count = this.#tryRead(); count > 0; count = this.#tryRead())
      chunks.push(Buffer.from(slab.subarray(0, count)))
    const bytes = Buffer.concat(chunks)
    this.readBytes += bytes.length
    return bytes
  }

  #tryWrite(bytes) {
    return unlessBusy(() => writeSync(this.#descriptor, bytes, 0, Math.min(bytes.length, 32 * 1024)))
  }

  #tryRead() {
    return unlessBusy(() => readSync(this.#descriptor, slab, 0, slab.length, null))
  }
}

function unlessBusy(action) {
  try {
    return action()
  } catch (error) {
    if (error.code === 'EAGAIN') return 0
    throw error
  }
}
