/**
 * Frames and openings to bytes.
 * Floor 2. Pure: no I/O, no clock. Whoever sends data asks `sendableLength` first, so that no payload holds a marker.
 */
import { crc32 } from 'node:zlib'
import { frameHeaderBytes, payloadBytesMax } from '../limits.js'
import { frameMarker, frameMarkerNumber, openingMarker } from './frame.js'
import type { FrameTypeByte, SessionName } from './frame.js'

/** A frame to be sent. */
export interface FrameToSend {
  readonly type: FrameTypeByte
  /** 0 to 255, counting this session's frames in this direction; 0 for HELLO and REFUSE. */
  readonly sequence: number
  /** 0 for the session itself. */
  readonly stream: number
  readonly session: SessionName
  /** At most `payloadBytesMax` bytes. */
  readonly payload: Uint8Array
}

/** Bytes of a whole frame. */
export function frameBytes(frame: FrameToSend): number {
  return frameHeaderBytes + frame.payload.length
}

/**
 * Writes one frame into a buffer.
 * @param place `target` and the `offset` in it; there must be `frameBytes(frame)` bytes of room
 * @returns the offset behind the frame
 * @throws {RangeError} when the payload is too long or the room too small: a fault of ours, never of a peer
 * @see PROTOCOL.md "Frames"
 */
export function writeFrame(
  frame: FrameToSend,
  { target, offset }: { target: Buffer; offset: number },
): number {
  const { type, sequence, stream, session, payload } = frame
  if (payload.length > payloadBytesMax) {
    throw new RangeError(
      `Cannot encode a frame: its payload has ${payload.length} bytes, at most ${payloadBytesMax} fit`,
    )
  }
  const end = offset + frameHeaderBytes + payload.length
  target.writeUInt32BE(frameMarkerNumber, offset)
  target.writeUInt8(type, offset + 8)
  target.writeUInt8(sequence, offset + 9)
  target.writeUInt16BE(payload.length, offset + 10)
  target.writeUInt32BE(stream, offset + 12)
  target.writeUInt32BE(session.high, offset + 16)
  target.writeUInt32BE(session.low, offset + 20)
  target.set(payload, offset + frameHeaderBytes)
  target.writeUInt32BE(crc32(target.subarray(offset + 8, end)), offset + 4)
  return end
}

/** One frame as bytes of its own. */
export function encodeFrame(frame: FrameToSend): Buffer {
  const target = Buffer.allocUnsafe(frameBytes(frame))
  writeFrame(frame, { target, offset: 0 })
  return target
}

/**
 * How much of some data may go into one frame: all that fits, but cut inside the first marker in it. So a receiver
 * that finds a marker knows that a frame or an opening begins there, whatever a command reads or prints.
 * @returns bytes, 1 to `payloadBytesMax`; 0 for no bytes
 */
export function sendableLength(bytes: Buffer): number {
  const fitting = bytes.length > payloadBytesMax ? bytes.subarray(0, payloadBytesMax) : bytes
  const marker = fitting.indexOf(frameMarker)
  const opening = fitting.indexOf(openingMarker)
  const first = marker < 0 ? opening : opening < 0 ? marker : Math.min(marker, opening)
  return first < 0 ? fitting.length : first + 1
}
