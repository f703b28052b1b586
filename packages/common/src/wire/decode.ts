/**
 * Bytes to frames and openings, whatever lies before, between and after them.
 * Floor 2. Pure: no I/O, no clock. A length is checked before anything waits for it, and a marker found where no honest
 * sender puts one ends the frame that it interrupts: that is how a new session shows behind a fragment of an old one.
 */
import { crc32 } from 'node:zlib'
import { PeerError } from '../errors.js'
import { frameHeaderBytes, payloadBytesMax } from '../limits.js'
import { frameMarker, frameMarkerNumber, openingMarker } from './frame.js'
import type { Frame } from './frame.js'
import { decodeOpening, openingHeadBytes, openingLength } from './hello.js'
import type { Hello } from './hello.js'

/** What the decoder tells; called during `push`, in the order of the bytes. */
export interface DecoderReceiver {
  frame(frame: Frame): void
  /** The calling side opens a session; `hello` is whole but not yet believed. */
  opening(hello: Hello): void
  /** An opening whose checksum is right and whose content is not: a peer from another world. */
  badOpening(error: PeerError): void
  /** Bytes that belong to no frame and no opening, in their place: garbage, or another protocol. */
  foreign(bytes: Buffer): void
  /** So many bytes of what was pushed belonged to nothing; told last. */
  skipped(byteCount: number): void
}

/** What lies at an offset: so many bytes of something whole, `more` bytes needed, or nothing that begins here. */
type Found = number | 'more' | 'nothing'

const nothingPending = Buffer.alloc(0)

/** Looks for a marker further and further on, and passes over no byte twice: each of many false beginnings asks again. */
class MarkerSearch {
  readonly #bytes: Buffer
  readonly #marker: Buffer
  /** The first one at or behind `#from`; -1: none. */
  #at: number
  #from = 0

  constructor(bytes: Buffer, marker: Buffer) {
    this.#bytes = bytes
    this.#marker = marker
    this.#at = bytes.indexOf(marker)
  }

  /** Where the first whole one at or behind an offset is; -1: nowhere. */
  from(offset: number): number {
    const isKnown = offset >= this.#from && (this.#at < 0 || this.#at >= offset)
    if (!isKnown) this.#at = this.#bytes.indexOf(this.#marker, offset)
    if (!isKnown) this.#from = offset
    return this.#at
  }
}

/** Turns a channel's bytes into frames and openings. */
export class Decoder {
  readonly #receiver: DecoderReceiver
  #pending: Buffer = nothingPending
  #openings = new MarkerSearch(nothingPending, openingMarker)
  /** Bytes since the last whole thing that belonged to nothing: above 0 we are looking for the next marker. */
  #skippedBytes = 0

  constructor(receiver: DecoderReceiver) {
    this.#receiver = receiver
  }

  /** Bytes held because they may be the beginning of something; always below `frameBytesMax`. */
  get pendingBytes(): number {
    return this.#pending.length
  }

  /**
   * Takes the next bytes of the channel. Payloads given to the receiver are views into `chunk` where they can be,
   * so the chunk must not be written again.
   */
  push(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    this.#openings = new MarkerSearch(bytes, openingMarker)
    let offset = 0
    let untoldBytes = 0
    while (offset < bytes.length) {
      const found = this.#take(bytes, offset)
      if (found === 'more') break
      const next = found === 'nothing' ? this.#nextStart(bytes, offset + 1) : offset + found
      if (found === 'nothing') this.#receiver.foreign(bytes.subarray(offset, next))
      untoldBytes += found === 'nothing' ? next - offset : -countLineBytes(bytes, { offset, length: found })
      this.#skippedBytes = found === 'nothing' ? this.#skippedBytes + next - offset : 0
      offset = next
    }
    this.#pending = offset === bytes.length ? nothingPending : bytes.subarray(offset)
    if (untoldBytes > 0) this.#receiver.skipped(untoldBytes)
  }

  /**
   * Waits no longer for the rest of what is held: what it belonged to is over. It is a fragment, or another protocol's
   * message that happens to begin like one of ours.
   */
  giveUp(): void {
    const bytes = this.#pending
    if (bytes.length === 0) return
    this.#openings = new MarkerSearch(bytes, openingMarker)
    const next = this.#nextStart(bytes, 1)
    this.#pending = nothingPending
    this.#skippedBytes += next
    this.#receiver.foreign(bytes.subarray(0, next))
    this.#receiver.skipped(next)
    this.push(bytes.subarray(next))
  }

  #take(bytes: Buffer, offset: number): Found {
    const left = bytes.length - offset
    if (left >= 4 && bytes.readUInt32BE(offset) === frameMarkerNumber) return this.#takeFrame(bytes, offset)
    if (startsWith(bytes, { offset, what: openingMarker })) return this.#takeOpening(bytes, offset)
    return startsWith(bytes, { offset, what: frameMarker }) ? 'more' : 'nothing'
  }

  #takeFrame(bytes: Buffer, offset: number): Found {
    const payloadStart = offset + frameHeaderBytes
    if (payloadStart > bytes.length) return this.#isFragment(bytes, offset) ? 'nothing' : 'more'
    const payloadBytes = bytes.readUInt16BE(offset + 10)
    if (payloadBytes > payloadBytesMax) return 'nothing'
    const end = payloadStart + payloadBytes
    if (end > bytes.length) return this.#isFragment(bytes, offset) ? 'nothing' : 'more'
    // While we look for a beginning, a forged one is dismissed before its checksum is computed: else 64 KiB full of
    // markers would cost half a gigabyte of checksums.
    if (this.#skippedBytes > 0 && this.#isInterrupted(bytes.subarray(0, end), offset)) return 'nothing'
    if (!hasRightChecksum(bytes, { offset, end })) return 'nothing'
    this.#receiver.frame({
      type: bytes.readUInt8(offset + 8),
      sequence: bytes.readUInt8(offset + 9),
      stream: bytes.readUInt32BE(offset + 12),
      session: { high: bytes.readUInt32BE(offset + 16), low: bytes.readUInt32BE(offset + 20) },
      payload: bytes.subarray(payloadStart, end),
    })
    return end - offset
  }

  #takeOpening(bytes: Buffer, offset: number): Found {
    const left = bytes.length - offset
    if (left < openingHeadBytes) return this.#isInterrupted(bytes, offset) ? 'nothing' : 'more'
    const length = openingLength(bytes.subarray(offset))
    if (length === undefined) return 'nothing'
    if (left < length) return this.#isInterrupted(bytes, offset) ? 'nothing' : 'more'
    return this.#tellOpening(bytes.subarray(offset, offset + length)) ? length : 'nothing'
  }

  /**
   * Whether something begins inside what a frame or an opening claims for itself. Honest senders keep both markers out
   * of payloads, so the claim is a fragment of something that was cut off. A frame's header may hold the frame marker by
   * chance (its checksum does once in 2^32 frames), so that one counts from the payload on.
   */
  #isInterrupted(bytes: Buffer, offset: number): boolean {
    const openingAt = this.#openings.from(offset + 1)
    return (
      (openingAt >= 0 && openingAt + openingMarker.length <= bytes.length) ||
      bytes.indexOf(frameMarker, offset + frameHeaderBytes) >= 0
    )
  }

  /**
   * Whether the frame that claims more bytes than are here was cut off: something begins inside its claim, be it inside its
   * header, where a marker alone proves nothing but a whole frame does.
   */
  #isFragment(bytes: Buffer, offset: number): boolean {
    if (this.#isInterrupted(bytes, offset)) return true
    const header = bytes.subarray(0, offset + frameHeaderBytes + frameMarker.length - 1)
    for (
      let at = header.indexOf(frameMarker, offset + 1);
      at >= 0;
      at = header.indexOf(frameMarker, at + 1)
    ) {
      if (isWholeFrame(bytes, at)) return true
    }
    return false
  }

  /** The first offset from `from` on at which a frame or an opening may begin, else the end. */
  #nextStart(bytes: Buffer, from: number): number {
    const candidates = [bytes.indexOf(frameMarker, from), this.#openings.from(from)].filter((at) => at >= 0)
    return candidates.length > 0 ? Math.min(...candidates) : tailStart(bytes, from)
  }

  #tellOpening(opening: Buffer): boolean {
    try {
      const hello = decodeOpening(opening)
      if (hello === undefined) return false
      this.#receiver.opening(hello)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      this.#receiver.badOpening(error)
    }
    return true
  }
}

/** Whether the bytes from `offset` on are `what`, or as much of it as has arrived. */
function startsWith(bytes: Buffer, { offset, what }: { offset: number; what: Buffer }): boolean {
  const length = Math.min(what.length, bytes.length - offset)
  return bytes.compare(what, 0, length, offset, offset + length) === 0
}

function isWholeFrame(bytes: Buffer, offset: number): boolean {
  const payloadStart = offset + frameHeaderBytes
  if (payloadStart > bytes.length) return false
  const end = payloadStart + bytes.readUInt16BE(offset + 10)
  return end <= bytes.length && hasRightChecksum(bytes, { offset, end })
}

function hasRightChecksum(bytes: Buffer, { offset, end }: { offset: number; end: number }): boolean {
  return crc32(bytes.subarray(offset + 8, end)) === bytes.readUInt32BE(offset + 4)
}

/** Bytes of the count line before an opening, which only a python-negotiator peer reads, but which are no garbage. */
function countLineBytes(bytes: Buffer, { offset, length }: { offset: number; length: number }): number {
  const countLine = ` ${length}\n`
  const isThere =
    bytes[offset] === openingMarker[0] &&
    bytes.toString('latin1', Math.max(0, offset - countLine.length), offset) === countLine
  return isThere ? countLine.length : 0
}

/** Where a marker that is not yet whole may begin, at the very end of the bytes. */
function tailStart(bytes: Buffer, from: number): number {
  for (let at = Math.max(from, bytes.length - openingMarker.length + 1); at < bytes.length; at += 1) {
    const isStart =
      startsWith(bytes, { offset: at, what: openingMarker }) ||
      startsWith(bytes, { offset: at, what: frameMarker })
    if (isStart) return at
  }
  return bytes.length
}
