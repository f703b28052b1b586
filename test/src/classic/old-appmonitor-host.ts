/**
 * appmonitor's host side as its users have it: it takes the next answer that comes for its own.
 */
import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'

const answerEnd = '\n\r'
/** Longer than a machine takes to boot beside many others. */
const patienceMs = 180_000

/** A host's program on a connection. */
export class OldAppmonitorHost {
  readonly #socket: Socket
  #heard = ''

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async connect(socketPath: string): Promise<OldAppmonitorHost> {
    const socket = createConnection({ path: socketPath })
    await once(socket, 'connect')
    socket.setTimeout(patienceMs, () =>
      socket.destroy(new Error('No answer, and the old host waits for ever')),
    )
    return new OldAppmonitorHost(socket)
  }

  /**
   * Sends a line, and reads up to the end of an answer.
   * @returns the answer as the old host cuts it out of the line, with neither braces nor the operation
   * @throws {Error} `Unknow Error`, as it calls it, when the answer is not to the operation that it sent
   */
  async ask(line: string): Promise<string> {
    this.#socket.write(line)
    const answer = await this.#answer()
    if (quoted(answer) !== quoted(line)) throw new Error('Unknow Error')
    const behindOperation = answer.slice(answer.indexOf(',') + 1).trim()
    return behindOperation
      .slice(behindOperation.indexOf(':') + 1)
      .trim()
      .slice(0, -1)
  }

  /** Harmless when it has left already. */
  async leave(): Promise<void> {
    if (this.#socket.destroyed) return
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }

  async #answer(): Promise<string> {
    while (!this.#heard.includes(answerEnd)) this.#heard += String((await once(this.#socket, 'data'))[0])
    const end = this.#heard.indexOf(answerEnd)
    const answer = this.#heard.slice(0, end)
    this.#heard = this.#heard.slice(end + answerEnd.length)
    return answer
  }
}

/** What stands between the third quote and the fourth. */
function quoted(text: string): string | undefined {
  return text.split('"')[3]
}
