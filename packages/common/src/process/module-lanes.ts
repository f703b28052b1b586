/**
 * The daemon's ends of a module call's lanes, as streams: what is on the way is bounded in both directions.
 * Floor 4.
 */
import { Readable, Writable } from 'node:stream'
import { moduleChunkBytes, moduleMessageBytes, moduleWindowBytes } from './module-limits.js'

/** An output of a module. What nobody reads stays here, and the module is not told to go on. */
export class ModuleOutput extends Readable {
  readonly #onTaken: (byteCount: number) => void
  readonly #waiting: Buffer[] = []
  #isWanted = false
  #isFinished = false

  /** @param onTaken is told how much of it has been taken */
  constructor(onTaken: (byteCount: number) => void) {
    super({ highWaterMark: moduleChunkBytes })
    this.#onTaken = onTaken
  }

  /** Takes what the module has written. */
  add(chunk: Buffer): void {
    this.#waiting.push(chunk)
    if (this.#isWanted) this.#give()
  }

  /** Nothing follows. */
  finish(): void {
    this.#isFinished = true
    if (this.#isWanted) this.#give()
  }

  override _read(): void {
    this.#isWanted = true
    this.#give()
  }

  #give(): void {
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      this.#onTaken(chunk.length)
      this.#isWanted = this.push(chunk)
      if (!this.#isWanted) return
    }
    if (!this.#isFinished) return
    this.#isWanted = false
    this.push(null)
  }
}

interface InputSink {
  bytes(bytes: Uint8Array): void
  end(): void
}

/** A module's standard input. What it does not take makes the writer wait. */
export class ModuleInput extends Writable {
  readonly #sink: InputSink
  #onWayBytes = 0
  #goOn: (() => void) | undefined

  constructor(sink: InputSink) {
    super({ highWaterMark: moduleChunkBytes })
    this.#sink = sink
  }

  /** The module has taken so much. */
  taken(byteCount: number): void {
    this.#onWayBytes -= byteCount + moduleMessageBytes
    if (this.#onWayBytes < moduleWindowBytes) this.#release()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A copy: the chunk is a part of a buffer that others use, and that would be sent as a whole.
    this.#sink.bytes(new Uint8Array(chunk))
    this.#onWayBytes += chunk.length + moduleMessageBytes
    if (this.#onWayBytes < moduleWindowBytes) done()
    else this.#goOn = done
  }

  override _final(done: () => void): void {
    this.#sink.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release()
    done(error)
  }

  #release(): void {
    const goOn = this.#goOn
    this.#goOn = undefined
    goOn?.()
  }
}
