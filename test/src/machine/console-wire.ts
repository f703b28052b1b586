/**
 * What goes over the serial line between `GuestConsole` and the script in the guest that serves it.
 *
 * Pure: bytes in, events out. An answer carries its lengths, so nothing that a command prints can be mistaken for
 * the frame around it.
 */

/** What the guest's script says first, followed by the boot's id, whenever it is ready for a command. */
export const greeting = 'negotiator-console'

/** What the guest sends. */
export type ConsoleEvent =
  | { readonly kind: 'greeting'; readonly bootId: string }
  | {
      readonly kind: 'answer'
      readonly id: string
      readonly status: number
      readonly stdout: Buffer
      readonly stderr: Buffer
    }

interface AnswerHead {
  readonly id: string
  readonly status: number
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

const newline = 0x0a
// A resetting serial port may leave a stray byte before the greeting.
const greetingLine = new RegExp(`${greeting} (\\S+)$`)
const answerLine = /^(\S+) (\d+) (\d+) (\d+)$/

/** @returns the line that asks for a command: id, command and standard input, the last two in base64 */
export function requestLine({ id, command, input }: { id: string; command: string; input: string }): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  return `${id} ${encode(command)} ${encode(input)}\n`
}

/** Turns the guest's bytes into events, however they are cut. */
export class ConsoleDecoder {
  #received: Buffer = Buffer.alloc(0)
  #head: AnswerHead | undefined;

  /** @returns the events that these bytes complete; lines that are neither greeting nor answer are dropped */
  *push(bytes: Buffer): Generator<ConsoleEvent> {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const event = this.#head === undefined ? this.#takeLine() : this.#takeBody(this.#head)
      if (event === 'incomplete') return
      if (event !== undefined) yield event
    }
  }

  /** Forgets a half-received answer: the guest that was sending it is gone. */
  reset(): void {
    this.#received = Buffer.alloc(0)
    this.#head = undefined
  }

  #takeLine(): ConsoleEvent | 'incomplete' | undefined {
    const end = this.#received.indexOf(newline)
    if (end === -1) return 'incomplete'
    const line = this.#take(end + 1).toString('latin1', 0, end)
    const bootId = greetingLine.exec(line)?.[1]
    if (bootId !== undefined) return { kind: 'greeting', bootId }
    const [, id, status, stdoutBytes, stderrBytes] = answerLine.exec(line) ?? []
    if (id === undefined) return undefined
    this.#head = {
      id,
      status: Number(status),
      stdoutBytes: Number(stdoutBytes),
      stderrBytes: Number(stderrBytes),
    }
    return undefined
  }

  #takeBody({ id, status, stdoutBytes, stderrBytes }: AnswerHead): ConsoleEvent | 'incomplete' {
    if (this.#received.length < stdoutBytes + stderrBytes) return 'incomplete'
    this.#head = undefined
    return { kind: 'answer', id, status, stdout: this.#take(stdoutBytes), stderr: this.#take(stderrBytes) }
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken
  }
}
