/**
 * Messages of the XenStore socket protocol, out of bytes and into bytes.
 * Floor 6. Pure. A message that says it is longer than any may be ends the reading: there is no marker to go on from.
 * @see xen/docs/misc/xenstore.txt
 */
import { PeerError } from '../../errors.js'
import { xenStorePayloadBytesMax } from '../xen-limits.js'

/** What a message is, by its number on the wire. Only what we send or take; the tests' server knows the same ones. */
export const MessageType = {
  directory: 1,
  read: 2,
  watch: 4,
  unwatch: 5,
  transactionStart: 6,
  transactionEnd: 7,
  write: 11,
  mkdir: 12,
  remove: 13,
  watchEvent: 15,
  error: 16,
  directoryPart: 22,
} as const

/** One message, either way. */
export interface XenStoreMessage {
  readonly type: number
  /** Chosen by whoever asks, and given back with the answer; 0 in a watch event. */
  readonly requestId: number
  /** 0 outside of transactions. */
  readonly transactionId: number
  readonly payload: Buffer
}

/** Four little-endian 32-bit numbers: type, request, transaction, length of the payload. */
const headerBytes = 16

/**
 * A message as bytes.
 * @throws {PeerError} `xenstore-too-long`: a daemon would hang up without a word
 */
export function encodeXenStoreMessage({ type, requestId, transactionId, payload }: XenStoreMessage): Buffer {
  if (payload.length > xenStorePayloadBytesMax) throw tooLong(payload.length)
  const bytes = Buffer.allocUnsafe(headerBytes + payload.length)
  for (const [place, field] of [type, requestId, transactionId, payload.length].entries())
    bytes.writeUInt32LE(field, place * 4)
  payload.copy(bytes, headerBytes)
  return bytes
}

/** Texts as a payload, each ended by a NUL. */
export function encodeTexts(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(''))
}

/** The texts of a payload, each ended by a NUL; what follows the last one is taken for one, too. */
export function textsIn(payload: Buffer): readonly string[] {
  const texts = payload.toString().split('\0')
  return texts.at(-1) === '' ? texts.slice(0, -1) : texts
}

/** Makes messages of bytes, however they are cut. */
export class XenStoreReader {
  #held: Buffer = Buffer.alloc(0)

  /**
   * Takes bytes.
   * @returns the messages that they complete, one at a time
   * @throws {PeerError} `xenstore-too-long`, behind the messages before it; the reader is of no use then
   */
  push(chunk: Buffer): Iterable<XenStoreMessage> {
    this.#held = Buffer.concat([this.#held, chunk])
    return this.#messages()
  }

  *#messages(): Generator<XenStoreMessage, void> {
    for (let message = this.#next(); message !== undefined; message = this.#next()) yield message
  }

  #next(): XenStoreMessage | undefined {
    const held = this.#held
    if (held.length < headerBytes) return undefined
    const length = held.readUInt32LE(12)
    if (length > xenStorePayloadBytesMax) throw tooLong(length)
    if (held.length < headerBytes + length) return undefined
    this.#held = held.subarray(headerBytes + length)
    return {
      type: held.readUInt32LE(0),
      requestId: held.readUInt32LE(4),
      transactionId: held.readUInt32LE(8),
      payload: held.subarray(headerBytes, headerBytes + length),
    }
  }
}

function tooLong(byteCount: number): PeerError {
  return new PeerError(
    `Cannot move a XenStore message of ${byteCount} bytes: at most ${xenStorePayloadBytesMax} fit into one`,
    { code: 'xenstore-too-long' },
  )
}
