import { test } from 'tap'
import fc from 'fast-check'
import { frameBytesMax } from '../limits.js'
import { testSeed } from '../test-seed.js'
import { decode, Decoded } from './decoded.js'
import { Decoder } from './decode.js'
import { encodeFrame, sendableLength } from './encode.js'
import type { FrameToSend } from './encode.js'
import { FrameType, frameMarker, mayNameSession, openingMarker } from './frame.js'

const u32 = fc.integer({ min: 0, max: 0xffffffff })

const anyFrame: fc.Arbitrary<FrameToSend> = fc
  .record({
    type: fc.constantFrom(...Object.values(FrameType)),
    sequence: fc.integer({ min: 0, max: 255 }),
    stream: u32,
    session: fc.record({ high: u32, low: u32 }).filter(mayNameSession),
    payload: fc.uint8Array({ maxLength: 300 }),
  })
  .map((frame) => ({
    ...frame,
    payload: frame.payload.subarray(0, sendableLength(Buffer.from(frame.payload))),
  }))

/** Cuts bytes where the numbers say, each a chunk's length. */
function cutAt(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return [...chunks, bytes.subarray(at)]
}

test('Decoder gives back random frames in random chunks', (t) => {
  const seed = testSeed(t)
  const lengths = fc.array(fc.nat({ max: 200 }), { maxLength: 40 })
  const property = fc.property(fc.array(anyFrame, { maxLength: 12 }), lengths, (sent, chunkLengths) => {
    const { frames, skippedBytes, pendingBytes } = decode(
      ...cutAt(Buffer.concat(sent.map(encodeFrame)), chunkLengths),
    )
    const wanted = sent.map((frame) => ({ ...frame, payload: Buffer.from(frame.payload) }))
    return (
      JSON.stringify(frames.map(sorted)) === JSON.stringify(wanted.map(sorted)) &&
      skippedBytes + pendingBytes === 0
    )
  })
  fc.assert(property, { seed, numRuns: 500 })
  t.end()
})

function sorted(frame: FrameToSend | Decoded['frames'][number]): unknown {
  const { type, sequence, stream, session, payload } = frame
  return {
    type,
    sequence,
    stream,
    session: [session.high, session.low],
    payload: Buffer.from(payload).toString('hex'),
  }
}

test('Decoder finds every frame between random garbage, which costs only its own bytes', (t) => {
  const seed = testSeed(t)
  const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  const property = fc.property(fc.array(fc.tuple(garbage, anyFrame), { maxLength: 12 }), (pairs) => {
    const stream = Buffer.concat(pairs.flatMap(([noise, frame]) => [noise, encodeFrame(frame)]))
    const noiseBytes = pairs.reduce((sum, [noise]) => sum + noise.length, 0)
    const decoded = decode(stream)
    return (
      decoded.frames.length === pairs.length &&
      decoded.skippedBytes === noiseBytes &&
      decoded.pendingBytes === 0
    )
  })
  fc.assert(property, { seed, numRuns: 500 })
  t.end()
})

test('Decoder never accepts a frame with one flipped bit', (t) => {
  const sent = {
    type: FrameType.stdin,
    sequence: 1,
    stream: 2,
    session: { high: 3, low: 4 },
    payload: Buffer.from('payload'),
  }
  const frame = encodeFrame(sent)
  for (let bit = 0; bit < frame.length * 8; bit += 1) {
    const damaged = Buffer.from(frame)
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    // The room behind it lets a frame end whose length was flipped.
    const { frames, openings } = decode(Buffer.concat([damaged, Buffer.alloc(frameBytesMax)]))
    t.equal(frames.length + openings.length, 0, `bit ${bit}`)
  }
  t.end()
})

test('Decoder holds less than a frame, whatever comes', (t) => {
  const seed = testSeed(t)
  const piece = fc.oneof(
    fc.constantFrom(
      frameMarker,
      openingMarker,
      Buffer.concat([openingMarker, Buffer.from('04096", "crc32": "00000000')]),
    ),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc.nat({ max: 20_000 }).map((length) => Buffer.alloc(length, 'x')),
    fc.nat({ max: 0xffff }).map((length) => {
      const header = encodeFrame({
        type: 1,
        sequence: 0,
        stream: 0,
        session: { high: 0, low: 0 },
        payload: Buffer.alloc(0),
      })
      header.writeUInt16BE(length, 10)
      return header
    }),
  )
  const property = fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const decoder = new Decoder(new Decoded())
    return pieces.every((bytes) => {
      decoder.push(bytes)
      return decoder.pendingBytes < frameBytesMax
    })
  })
  fc.assert(property, { seed, numRuns: 300 })
  t.end()
})

test('Decoder goes on after anything: a frame sent twice arrives at least once', (t) => {
  const seed = testSeed(t)
  const noise = fc.array(
    fc.oneof(fc.constantFrom(frameMarker, openingMarker), fc.uint8Array({ maxLength: 50 })),
    { maxLength: 20 },
  )
  const frame = encodeFrame({
    type: 4,
    sequence: 0,
    stream: 0,
    session: { high: 1, low: 2 },
    payload: Buffer.from('found'),
  })
  const property = fc.property(noise, (pieces) =>
    decode(Buffer.concat([...pieces, frame, frame])).texts.includes('found'),
  )
  fc.assert(property, { seed, numRuns: 500 })
  t.end()
})
