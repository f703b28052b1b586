/**
 * Bytes to python-negotiator's messages: a count line, then so many bytes of JSON, and nothing behind it.
 * Floor 6. Pure. Its own reader ends at the first surprise; a channel joins fragments, so this one finds the next message.
 */
import { classicMessageBytesMax } from '../dialect-limits.js'

/** A count has at most so many digits, and so many blanks may stand around it. */
const digitsMax = 9
const blanksMax = 16
const countBytesMax = digitsMax + blanksMax

const [newline, zero, nine, brace] = [0x0a, 0x30, 0x39, 0x7b] as const

const nothing: Buffer = Buffer.alloc(0)

/** A count line with an object behind it. Valid JSON holds no such thing, so within a body it begins another message. */
interface CountLine {
  /** Where its digits begin. */
  readonly at: number
  readonly bodyStart: number
  readonly bodyEnd: number
}

/** Finds messages. */
export class MessageReader {
  readonly #receive: (message: object, body: Buffer) => void
  readonly #messageBytesMax: () => number
  /** What has arrived and is not used up lies from `#start` to `#end`. */
  #bytes: Buffer = nothing
  #start = 0
  #end = 0
  /** Up to here it is known that no count line stands. */
  #searched = 0
  #current: CountLine | undefined

  /**
   * @param receive is given each message, parsed and as it came
   * @param messageBytesMax a longer count is garbage
   */
  constructor(
    receive: (message: object, body: Buffer) => void,
    messageBytesMax: () => number = () => classicMessageBytesMax,
  ) {
    this.#receive = receive
    this.#messageBytesMax = messageBytesMax
  }

  /** Takes the next bytes. */
  push(chunk: Buffer): void {
    this.#append(chunk)
    while (this.#step());
    if (this.#start === this.#end) this.#release()
  }

  /** @returns whether there may be more in what is here */
  #step(): boolean {
    const next = this.#nextCountLine()
    const current = this.#current
    if (next !== undefined && (current === undefined || next.at < current.bodyEnd)) {
      // What was being read is a fragment: its sender left in the middle of it.
      this.#start = next.at
      this.#current = next
      return true
    }
    if (current === undefined) {
      this.#start = Math.max(this.#start, this.#searched - countBytesMax)
      return false
    }
    if (this.#end < current.bodyEnd) return false
    const body = this.#bytes.subarray(current.bodyStart, current.bodyEnd)
    const message = parse(body)
    this.#current = undefined
    // Of a fragment's claim the last bytes may be a count line already; what was searched stays so.
    this.#start =
      message === undefined ? Math.max(current.bodyStart, this.#searched - countBytesMax) : current.bodyEnd
    if (message === undefined) return true
    this.#searched = current.bodyEnd
    this.#receive(message, body)
    return true
  }

  #nextCountLine(): CountLine | undefined {
    const here = this.#bytes.subarray(0, this.#end)
    const end = this.#current?.bodyEnd ?? Number.POSITIVE_INFINITY
    for (;;) {
      const at = here.indexOf(newline, this.#searched)
      if (at < 0 || at >= end) {
        this.#searched = Math.min(this.#end, end)
        return undefined
      }
      const found = countLineAt(here, { newlineAt: at, from: this.#start, bytesMax: this.#messageBytesMax() })
      // Whether an object follows shows with the next bytes.
      if (found === 'more') return undefined
      this.#searched = at + 1
      if (found !== undefined) return found
    }
  }

  #append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length)
    chunk.copy(this.#bytes, this.#end)
    this.#end += chunk.length
  }

  /** All is used up: a long message leaves no long buffer behind. */
  #release(): void {
    this.#bytes = nothing
    this.#start = 0
    this.#end = 0
    this.#searched = 0
  }

  /** Moves what is unused to the front of a buffer that doubles, so that a long message is copied a few times only. */
  #makeRoom(byteCount: number): void {
    const start = this.#start
    const wanted = this.#end - start + byteCount
    // No more than the message lacks: who announces much and sends little makes us hold little.
    const lacking = this.#current === undefined ? wanted : this.#current.bodyEnd - start
    const roomy = Buffer.allocUnsafe(Math.max(wanted, Math.min(2 * wanted, lacking)))
    this.#bytes.copy(roomy, 0, start, this.#end)
    this.#bytes = roomy
    this.#end -= start
    this.#searched -= start
    this.#start = 0
    this.#current = this.#current && movedBack(this.#current, start)
  }
}

function movedBack({ at, bodyStart, bodyEnd }: CountLine, by: number): CountLine {
  return { at: at - by, bodyStart: bodyStart - by, bodyEnd: bodyEnd - by }
}

/** The count line that a newline ends, `more` when what follows it is not here yet. */
function countLineAt(
  bytes: Buffer,
  { newlineAt, from, bytesMax }: { newlineAt: number; from: number; bytesMax: number },
): CountLine | 'more' | undefined {
  let digitsEnd = newlineAt
  while (digitsEnd > from && newlineAt - digitsEnd < blanksMax && isBlank(bytes[digitsEnd - 1]))
    digitsEnd -= 1
  let at = digitsEnd
  while (at > from && digitsEnd - at < digitsMax && isDigit(bytes[at - 1])) at -= 1
  const byteCount = Number(bytes.toString('latin1', at, digitsEnd) || 'NaN')
  if (!(byteCount >= 2 && byteCount <= bytesMax)) return undefined
  const bodyStart = newlineAt + 1
  let first = bodyStart
  while (first - bodyStart < blanksMax && (isBlank(bytes[first]) || bytes[first] === newline)) first += 1
  if (first >= bytes.length) return 'more'
  return bytes[first] === brace ? { at, bodyStart, bodyEnd: bodyStart + byteCount } : undefined
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine
}

function parse(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined // Garbage that looked like a message.
  }
}
