/**
 * Mutations of frames and openings: whole ones with right checksums, so that what is wrong with them gets past the decoder,
 * and damaged ones.
 */
import { crc32 } from 'node:zlib'
import {
  Decoder,
  encodeFrame,
  encodeOpening,
  frameMarker,
  FrameType,
  openingMarker,
} from '@negotiator/common/testing'
import type { Frame, FrameTypeByte, Hello } from '@negotiator/common/testing'
import { byteMutators } from './mutate-bytes.js'
import { jsonMutators } from './mutate-json.js'
import { pick } from './mutator.js'
import type { Mutation, Mutator } from './mutator.js'

/** A part of an input. */
export type Piece =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'opening'; readonly hello: Hello }
  | { readonly kind: 'raw'; readonly bytes: Buffer }

/** The parts of an input, all of it. */
export function piecesOf(input: Buffer): readonly Piece[] {
  const pieces: Piece[] = []
  const decoder = new Decoder({
    frame: (frame) => void pieces.push({ kind: 'frame', frame }),
    opening: (hello) => void pieces.push({ kind: 'opening', hello }),
    badOpening: () => undefined,
    foreign: (bytes) => void pieces.push({ kind: 'raw', bytes: Buffer.from(bytes) }),
    skipped: () => undefined,
  })
  decoder.push(Buffer.from(input))
  while (decoder.pendingBytes > 0) decoder.giveUp()
  return pieces.filter((piece) => piece.kind !== 'raw' || !isCountLine(piece.bytes))
}

/** An opening brings its own again. */
function isCountLine(bytes: Buffer): boolean {
  return /^ \d{1,5}\n$/.test(bytes.toString('latin1'))
}

/** A part as bytes. */
export function bytesOf(piece: Piece): Buffer {
  switch (piece.kind) {
    case 'frame':
      // A byte has more values than there are types.
      return encodeFrame({ ...piece.frame, type: piece.frame.type as FrameTypeByte })
    case 'opening':
      return encodeOpening(piece.hello)
    case 'raw':
      return piece.bytes
  }
}

const u32s = [0, 1, 2, 3, 4, 0x7fffffff, 0xffffffff]
const types = [...Object.values(FrameType), 0, 0x7f, 0xff]
const payloadBytesMax = 32_744

const changeField: Mutator = editing((frame, { amount, value }) => {
  const payload = pick(
    [
      frame.payload,
      Buffer.alloc(0),
      Buffer.alloc(payloadBytesMax, 'x'),
      Buffer.from([0, 0, 0, value & 0xff]),
    ],
    value,
  )
  const changed: readonly Partial<Frame>[] = [
    { type: pick(types, value) },
    { sequence: value & 0xff },
    { stream: pick(u32s, value) },
    { stream: (frame.stream + 1) % 0x1_0000_0000 },
    { session: { ...frame.session, low: pick(u32s, value) } },
    { payload },
  ]
  return { ...frame, ...pick(changed, amount) }
})

const changePayload: Mutator = editing((frame, mutation) => {
  const isJson = frame.payload[0] === 0x7b
  const mutate = pick(isJson ? [...jsonMutators, ...byteMutators] : byteMutators, mutation.amount)
  const payload = mutate(frame.payload, { ...mutation, at: mutation.value, other: frame.payload })
  return { ...frame, payload: payload.subarray(0, payloadBytesMax) }
})

const plantMarker: Mutator = editing((frame, { amount, value }) => {
  const planted = pick([frameMarker, openingMarker, bytesOf({ kind: 'frame', frame })], amount)
  const at = value % (frame.payload.length + 1)
  const payload = Buffer.concat([frame.payload.subarray(0, at), planted, frame.payload.subarray(at)])
  return { ...frame, payload: payload.subarray(0, payloadBytesMax) }
})

/** Damage that no checksum covers up. */
const damage: Mutator = arranging((pieces, { at, amount, value }) => {
  const index = at % pieces.length
  const piece = pieces[index]
  if (piece === undefined) return pieces
  const bytes = Buffer.from(bytesOf(piece))
  const damages = [
    () => bytes.subarray(0, value % (bytes.length + 1)),
    () => bytes.subarray(value % (bytes.length + 1)),
    () => {
      if (bytes.length >= 12)
        bytes.writeUInt16BE(pick([0, 1, 255, 0x7fe7, 0x7fe8, 0x7fe9, 0xffff], value), 10)
      return bytes
    },
  ]
  return pieces.with(index, { kind: 'raw', bytes: pick(damages, amount)() })
})

const arrange: Mutator = arranging((pieces, { at, amount, value, other }) => {
  const index = at % pieces.length
  const piece = pieces[index]
  if (piece === undefined) return pieces
  const others = piecesOf(other)
  const times = 1 + (value % (value % 5 === 0 ? 300 : 2))
  const arranged = [
    () => pieces.toSpliced(index, 1),
    () => pieces.toSpliced(index, 0, ...Array.from({ length: times }, () => piece)),
    () => pieces.toSpliced(index, 1).toSpliced(value % pieces.length, 0, piece),
    () => (others.length === 0 ? pieces : pieces.toSpliced(index, 0, pick(others, value))),
    () => pieces.slice(0, index),
  ]
  return pick(arranged, amount)()
})

/** In the order of their numbers again, so that a session takes what was arranged. */
const renumber: Mutator = arranging((pieces) => {
  let next = 0
  return pieces.map((piece) =>
    piece.kind === 'frame' ? { kind: 'frame', frame: { ...piece.frame, sequence: next++ & 0xff } } : piece,
  )
})

const changeHello: Mutator = arranging((pieces, mutation) => {
  const at = pieces.findIndex(({ kind }) => kind === 'opening')
  const piece = pieces[at]
  if (piece?.kind !== 'opening') return pieces
  const mutate = pick(jsonMutators, mutation.amount)
  const hello = mutate(Buffer.from(JSON.stringify(piece.hello)), mutation)
  return pieces.with(at, { kind: 'raw', bytes: openingOf(hello.toString()) })
})

/** An opening whose checksum is right, whatever it says of itself. */
function openingOf(hello: string): Buffer {
  const rest = Buffer.from(`", "args": [], "kw": {}, "hello": ${hello}}`)
  const length = openingMarker.length + 5 + '", "crc32": "'.length + 8 + rest.length
  const check = crc32(rest).toString(16).padStart(8, '0')
  return Buffer.concat([
    openingMarker,
    Buffer.from(`${String(length).padStart(5, '0')}", "crc32": "${check}`),
    rest,
  ])
}

function editing(edit: (frame: Frame, mutation: Mutation) => Frame): Mutator {
  return arranging((pieces, mutation) => {
    const frames = pieces.flatMap((piece, index) =>
      piece.kind === 'frame' ? [{ index, frame: piece.frame }] : [],
    )
    if (frames.length === 0) return pieces
    const { index, frame } = pick(frames, mutation.at)
    return pieces.with(index, { kind: 'frame', frame: edit(frame, mutation) })
  })
}

function arranging(change: (pieces: readonly Piece[], mutation: Mutation) => readonly Piece[]): Mutator {
  return (input, mutation) => Buffer.concat(change(piecesOf(input), mutation).map(bytesOf))
}

export const frameMutators: readonly Mutator[] = [
  changeField,
  changeField,
  changePayload,
  changePayload,
  plantMarker,
  damage,
  arrange,
  arrange,
  renumber,
  renumber,
  changeHello,
]
