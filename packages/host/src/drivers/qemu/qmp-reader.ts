/**
 * What a QEMU's monitor says, as answers: a JSON object a line, of which greetings and events answer nothing.
 * Pure. A monitor's socket may belong to anybody, so nothing is held of a line that is longer than ours can be.
 */
import { PeerError } from '@negotiator/common'

/** The greeting and our answers take a few hundred; a longer line is none of them. */
const lineBytesMax = 64 * 1024

const newline = 0x0a

/** Reads one conversation. */
export class QmpReader {
  readonly #path: string
  /** Of a line that has not ended. */
  #pieces: Buffer[] = []
  #heldBytes = 0

  /** @param path the monitor's, for the sentence that says what is wrong */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * Takes the next bytes.
   * @returns what each answer gave back; `undefined` for one that says that a command failed
   * @throws {PeerError} `qmp-nonsense`
   */
  push(chunk: Buffer): readonly unknown[] {
    const answers: unknown[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#hold(chunk.subarray(start, end))
      answers.push(...answerOf(this.#takeLine()))
      start = end + 1
    }
    this.#hold(chunk.subarray(start))
    return answers
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#heldBytes += piece.length
    if (this.#heldBytes > lineBytesMax) throw this.#nonsense()
  }

  #takeLine(): Message {
    const line = Buffer.concat(this.#pieces).toString()
    this.#pieces = []
    this.#heldBytes = 0
    const message = parseMessage(line)
    if (message === undefined) throw this.#nonsense()
    return message
  }

  #nonsense(): PeerError {
    return new PeerError(`Cannot ask the monitor "${this.#path}": what it says is not QMP`, {
      code: 'qmp-nonsense',
    })
  }
}

type Message = Readonly<Record<string, unknown>>

function parseMessage(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** The greeting and events answer nothing. */
function answerOf(message: Message): readonly unknown[] {
  if ('return' in message) return [message['return']]
  return 'error' in message ? [undefined] : []
}
