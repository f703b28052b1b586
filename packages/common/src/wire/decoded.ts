/**
 * What a decoder told, kept for a test to look at.
 * Floor 2, for tests.
 */
import type { PeerError } from '../errors.js'
import { Decoder } from './decode.js'
import type { DecoderReceiver } from './decode.js'
import type { Frame } from './frame.js'
import type { Hello } from './hello.js'

/** Keeps what a decoder tells. */
export class Decoded implements DecoderReceiver {
  readonly frames: Frame[] = []
  readonly openings: Hello[] = []
  readonly badOpenings: PeerError[] = []
  foreignBytes: Buffer = Buffer.alloc(0)
  skippedBytes = 0

  frame(frame: Frame): void {
    this.frames.push(frame)
  }

  opening(hello: Hello): void {
    this.openings.push(hello)
  }

  badOpening(error: PeerError): void {
    this.badOpenings.push(error)
  }

  foreign(bytes: Buffer): void {
    this.foreignBytes = Buffer.concat([this.foreignBytes, bytes])
  }

  skipped(byteCount: number): void {
    this.skippedBytes += byteCount
  }

  /** The frames' payloads as text. */
  get texts(): readonly string[] {
    return this.frames.map((frame) => frame.payload.toString('latin1'))
  }
}

/** Decodes some chunks with a decoder of their own. */
export function decode(...chunks: readonly Buffer[]): Decoded & { readonly pendingBytes: number } {
  return decodeAll(chunks)
}

/** As `decode()`, for more chunks than a call can have arguments. */
export function decodeAll(chunks: Iterable<Buffer>): Decoded & { readonly pendingBytes: number } {
  const decoded = new Decoded()
  const decoder = new Decoder(decoded)
  for (const chunk of chunks) decoder.push(chunk)
  return Object.assign(decoded, { pendingBytes: decoder.pendingBytes })
}

/** Some bytes as chunks of at most `chunkBytes`. */
export function cut(bytes: Buffer, chunkBytes: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return chunks
}
