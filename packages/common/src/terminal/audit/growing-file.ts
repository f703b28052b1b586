/**
 * A file of lines that is read to its end, and on from there when it has grown.
 * Floor 8. It is the file that was opened, whatever happens to its name.
 */
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { systemCodeOf } from '../../errors.js'
import { LineSplitter } from './line-splitter.js'

const chunkBytes = 64 * 1024

/** An open file, and how far it was read. */
export class GrowingFile {
  readonly #handle: FileHandle
  readonly #splitter = new LineSplitter()
  readonly #buffer = Buffer.alloc(chunkBytes)
  #offset = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** @returns `undefined` when there is no such file */
  static async open(path: string): Promise<GrowingFile | undefined> {
    try {
      return new GrowingFile(await open(path))
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** The lines that have become whole since the last time. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    if ((await this.#handle.stat()).size < this.#offset) yield* this.#fromStart()
    for (;;) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, chunkBytes, this.#offset)
      if (bytesRead === 0) return
      this.#offset += bytesRead
      yield* this.#splitter.push(this.#buffer.subarray(0, bytesRead))
    }
  }

  /** What stands behind the last newline: of a file that is complete it is a line, too. */
  *rest(): Generator<string, void, undefined> {
    const rest = this.#splitter.end()
    if (rest !== undefined) yield rest
  }

  /** Which file of its disk it is. */
  async inode(): Promise<number> {
    return (await this.#handle.stat()).ino
  }

  /** Whether the path leads to another file now, and somebody has begun to write it. */
  async isSucceededAt(path: string): Promise<boolean> {
    const named = await stat(path).catch(() => undefined)
    const opened = await this.#handle.stat()
    const isOther = named?.ino !== opened.ino || named.dev !== opened.dev
    return named !== undefined && isOther && named.size > 0
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** The file was truncated, as logrotate's `copytruncate` does. */
  *#fromStart(): Generator<string, void, undefined> {
    this.#offset = 0
    yield* this.rest()
  }
}
