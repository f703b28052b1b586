import { test } from 'tap'
import fc from 'fast-check'
import { frameBytesMax, frameHeaderBytes } from '../limits.js'
import { testSeed } from '../test-seed.js'
import { Decoder } from './decode.js'
import { cut, decode, Decoded } from './decoded.js'
import { encodeFrame, sendableLength } from './encode.js'
import { FrameType, frameMarker, mayNameSession, openingMarker } from './frame.js'
import { encodeOpening } from './hello.js'
import type { Hello } from './hello.js'

const session = { high: 0xdeadbeef, low: 0x01020304 }

const hello: Hello = {
  versions: { min: 1, max: 1 },
  side: 'host',
  epoch: '0123456789abcdef',
  bootId: 'boot',
  instance: 'instance',
  features: [],
  agent: '0.1.0',
  name: 'alpha',
}
const opening = encodeOpening(hello)

function frameWith(payload: Buffer): Buffer {
  return encodeFrame({ type: FrameType.stdout, sequence: 1, stream: 3, session, payload })
}

/** The frames in which some data leaves, each payload as long as a sender may make it. */
function framesFor(data: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < data.length;) {
    const length = sendableLength(data.subarray(at))
    frames.push(frameWith(data.subarray(at, at + length)))
    at += length
  }
  return frames
}

test('Decoder yields an opening behind any fragment of a frame at once', (t) => {
  const long = frameWith(Buffer.alloc(300, 'x'))
  for (let length = 1; length < long.length; length += 1) {
    const { openings, frames, pendingBytes } = decode(long.subarray(0, length), opening)
    t.same(openings, [hello], `${length} bytes`)
    t.equal(frames.length + pendingBytes, 0)
  }
  t.end()
})

test('Decoder yields an opening behind any fragment of an opening at once', (t) => {
  for (let length = 1; length < opening.length; length += 1) {
    const { openings, pendingBytes } = decode(opening.subarray(0, length), opening)
    t.same(openings, [hello], `${length} bytes`)
    t.equal(pendingBytes, 0)
  }
  t.end()
})

test('Decoder yields a whole frame behind any fragment at once', (t) => {
  const whole = frameWith(Buffer.from('whole'))
  for (const interrupted of [frameWith(Buffer.alloc(300, 'x')), opening]) {
    for (let length = 1; length < interrupted.length; length += 1) {
      const { texts, openings, pendingBytes } = decode(interrupted.subarray(0, length), whole)
      t.same(texts, ['whole'], `${length} bytes`)
      t.equal(openings.length + pendingBytes, 0)
    }
  }
  t.end()
})

test('Decoder yields all frames behind any fragment, in any chunks', (t) => {
  const long = frameWith(Buffer.alloc(300, 'x'))
  const following = Buffer.concat([frameWith(Buffer.from('one')), frameWith(Buffer.from('two'))])
  for (let length = 1; length < long.length; length += 1) {
    const { texts, skippedBytes } = decode(...cut(Buffer.concat([long.subarray(0, length), following]), 11))
    t.same(texts, ['one', 'two'], `${length} bytes`)
    t.equal(skippedBytes, length)
  }
  t.end()
})

test('sendableLength() keeps whole markers out of every payload', (t) => {
  const data = Buffer.concat([
    frameMarker,
    frameMarker,
    openingMarker,
    Buffer.from('{"'),
    openingMarker,
    frameMarker,
  ])
  const { frames } = decode(...framesFor(data))
  t.same(Buffer.concat(frames.map((frame) => frame.payload)), data)
  for (const { payload } of frames) {
    t.notOk(payload.includes(frameMarker) || payload.includes(openingMarker))
  }
  t.end()
})

test('Decoder started at any byte of a stream never takes data for a frame or an opening', (t) => {
  const forged = Buffer.concat([
    Buffer.from('x'),
    frameWith(Buffer.from('forged')),
    opening,
    frameMarker,
    opening,
  ])
  const frames = framesFor(Buffer.concat([forged, forged.subarray(1), Buffer.from('end')]))
  const stream = Buffer.concat(frames)
  const starts = new Set(frames.map((_, index) => Buffer.concat(frames.slice(0, index)).length))
  for (let offset = 0; offset <= stream.length; offset += 1) {
    const { texts, openings } = decode(stream.subarray(offset))
    const expected = [...starts].filter((start) => start >= offset).length
    t.equal(texts.length, expected, `from byte ${offset}`)
    t.notOk(texts.includes('forged'))
    t.equal(openings.length, 0)
  }
  t.end()
})

test('Decoder started at any byte of a random stream yields only what was sent', (t) => {
  const seed = testSeed(t)
  const forged = frameWith(Buffer.from('forged'))
  const pieces = [
    forged,
    opening,
    frameMarker,
    openingMarker,
    forged.subarray(0, 30),
    opening.subarray(0, 60),
  ]
  const piece = fc.oneof(
    fc.constantFrom(...pieces),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  )
  const property = fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(), (data, anywhere) => {
    const frames = framesFor(Buffer.concat(data))
    const stream = Buffer.concat(frames)
    const offset = anywhere % (stream.length + 1)
    let start = 0
    const texts: string[] = []
    for (const frame of frames) {
      if (start >= offset) texts.push(frame.subarray(frameHeaderBytes).toString('latin1'))
      start += frame.length
    }
    const decoded = decode(stream.subarray(offset))
    return decoded.openings.length === 0 && JSON.stringify(decoded.texts) === JSON.stringify(texts)
  })
  fc.assert(property, { seed, numRuns: 500 })
  t.end()
})

test('mayNameSession() refuses the names behind which a payload would complete a marker', (t) => {
  for (const marker of [frameMarker, openingMarker]) {
    const rest = Buffer.concat([marker.subarray(1), Buffer.alloc(200, 'x')])
    const mistakable = { high: 0, low: marker.readUInt8(0) }
    const interrupted = encodeFrame({
      type: FrameType.stdin,
      sequence: 0,
      stream: 1,
      session: mistakable,
      payload: rest,
    })
    t.equal(
      decode(Buffer.from('noise'), ...cut(interrupted, 100)).frames.length,
      marker === openingMarker ? 0 : 1,
    )
    t.notOk(mayNameSession(mistakable))
    t.notOk(mayNameSession({ high: (marker.readUInt8(0) << 24) >>> 0, low: 0 }))
  }
  t.ok(mayNameSession(session))
  t.end()
})

test('Decoder dismisses 64 KiB full of markers without a frame and without holding it', (t) => {
  for (const marker of [frameMarker, openingMarker, Buffer.concat([frameMarker, openingMarker])]) {
    const flood = Buffer.alloc(64 * 1024, marker)
    const { frames, openings, pendingBytes } = decode(...cut(flood, 4096))
    t.equal(frames.length + openings.length, 0)
    t.ok(pendingBytes < frameBytesMax, `${pendingBytes} bytes pending`)
  }
  t.end()
})

test('Decoder finds a frame behind a flood of markers', (t) => {
  const { texts } = decode(Buffer.alloc(64 * 1024, frameMarker), frameWith(Buffer.from('whole')))
  t.same(texts, ['whole'])
  t.end()
})

test('Decoder hands over what belongs to nothing, in its place', (t) => {
  const classic = Buffer.from('38\n{"result": "hello w", "success": true}')
  const stream = Buffer.concat([classic, frameWith(Buffer.from('one')), opening, classic])
  for (const chunkBytes of [stream.length, 10, 1]) {
    const { foreignBytes, frames, openings, pendingBytes } = decode(...cut(stream, chunkBytes))
    // The count line before an opening is there for python-negotiator only, and tells nothing else.
    const countLine = opening.subarray(0, opening.indexOf('{'))
    t.same(foreignBytes, Buffer.concat([classic, countLine, classic]))
    t.same([frames.length, openings.length, pendingBytes], [1, 1, 0])
  }
  t.end()
})

test('Decoder that gives up a fragment finds what stands behind it', (t) => {
  const behind = Buffer.from('38\n{"result": "hello w", "success": true}')
  for (const fragment of [frameWith(Buffer.alloc(300, 'x')).subarray(0, 40), opening.subarray(0, 90)]) {
    const decoded = new Decoded()
    const decoder = new Decoder(decoded)
    decoder.push(Buffer.concat([fragment, behind]))
    t.notOk(decoded.foreignBytes.includes(behind), 'it may still be a part of the frame')
    while (decoder.pendingBytes > 0) decoder.giveUp()
    t.ok(decoded.foreignBytes.includes(behind))
    t.equal(decoded.foreignBytes.length, decoded.skippedBytes)
    decoder.push(frameWith(Buffer.from('after')))
    t.same(decoded.texts, ['after'])
  }
  t.end()
})
