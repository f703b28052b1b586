/**
 * The frame decoder: what a peer's bytes come to, however they are cut.
 */
import {
  cut,
  decode,
  decodeAll,
  encodeFrame,
  frameBytesMax,
  frameMarker,
  openingMarker,
} from '@negotiator/common/testing'
import type { Decoded, FrameTypeByte } from '@negotiator/common/testing'
import { holds, inPieces, same } from '../target.js'
import type { Target } from '../target.js'

type Result = Decoded & { readonly pendingBytes: number }

/** Longer inputs are cut into pieces, but not into bytes, which would take ages. */
const byteByByteMax = 4_096

export const decoderTarget: Target = {
  name: 'decoder',
  promise: 'never throws, holds less than a frame, tells each byte once, and the same however it is cut',
  grammar: 'frames',
  tokens: [openingMarker.toString(), ' 4090\n', '", "crc32": "'],
  check: (input) => {
    const whole = decode(input)
    checkOne(whole, input)
    const cuts = [inPieces(input), ...(input.length <= byteByByteMax ? [cut(input, 1)] : [])]
    for (const chunks of cuts) {
      const other = decodeAll(chunks)
      checkOne(other, input)
      // A sender that lets a marker into a payload may see its frame taken for a fragment, or not.
      if (![whole, other].some(holdsMarker)) same(toldBy(other), toldBy(whole), 'cut and whole differ')
    }
  },
}

function checkOne(decoded: Result, input: Buffer): void {
  holds(decoded.pendingBytes < frameBytesMax, `it holds ${decoded.pendingBytes} bytes`)
  const frames = decoded.frames.map((frame) => encodeFrame({ ...frame, type: frame.type as FrameTypeByte }))
  const toldBytes = frames.reduce((sum, { length }) => sum + length, decoded.foreignBytes.length)
  const hasOpenings = decoded.openings.length + decoded.badOpenings.length > 0
  holds(toldBytes + decoded.pendingBytes <= input.length, 'it tells more bytes than came')
  holds(hasOpenings || toldBytes + decoded.pendingBytes === input.length, 'it swallows bytes')
  for (const bytes of frames) holds(input.includes(bytes), 'it tells a frame that did not come')
  for (const { message } of decoded.badOpenings)
    holds(message.startsWith('Cannot '), 'it does not say what is wrong')
}

function toldBy({ frames, openings, badOpenings, foreignBytes, pendingBytes }: Result): unknown {
  return [
    frames.map(({ payload, ...header }) => [header, payload.toString('latin1')]),
    openings,
    badOpenings.map(({ message }) => message),
    foreignBytes.toString('latin1'),
    pendingBytes,
  ]
}

function holdsMarker({ frames }: Result): boolean {
  return frames.some((frame) => {
    const bytes = encodeFrame({ ...frame, type: frame.type as FrameTypeByte })
    return bytes.includes(openingMarker, 1) || bytes.includes(frameMarker, 1)
  })
}
