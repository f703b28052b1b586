import { test } from 'tap'
import { frameBytesMax, payloadBytesMax } from '../limits.js'
import { cut, decode, Decoded } from './decoded.js'
import { Decoder } from './decode.js'
import { encodeFrame } from './encode.js'
import { FrameType, frameMarker } from './frame.js'
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

function stdout(payload: Buffer | string): Buffer {
  return encodeFrame({
    type: FrameType.stdout,
    sequence: 9,
    stream: 3,
    session,
    payload: Buffer.from(payload),
  })
}

/** A frame whose length field says something else; the checksum is of no consequence. */
function announcing(payloadBytes: number): Buffer {
  const frame = stdout('hello')
  frame.writeUInt16BE(payloadBytes, 10)
  return frame
}

test('Decoder reads known bytes', (t) => {
  const known = 'f56e67747daf9e4e04070008000000000102030405060708' + '0000000000000001'
  const { frames, skippedBytes } = decode(Buffer.from(known, 'hex'))
  t.same(frames, [
    {
      type: FrameType.ping,
      sequence: 7,
      stream: 0,
      session: { high: 0x01020304, low: 0x05060708 },
      payload: Buffer.from('0000000000000001', 'hex'),
    },
  ])
  t.equal(skippedBytes, 0)
  t.end()
})

test('Decoder reads frames and openings whole, in halves and byte by byte', (t) => {
  const opening = encodeOpening(hello)
  const stream = Buffer.concat([stdout('one'), opening, stdout(''), stdout('three')])
  for (const chunkBytes of [stream.length, stream.length / 2, 7, 1]) {
    const decoded = decode(...cut(stream, Math.ceil(chunkBytes)))
    t.same(decoded.texts, ['one', '', 'three'], `chunks of ${chunkBytes}`)
    t.same(decoded.openings, [hello])
    t.equal(decoded.pendingBytes, 0)
  }
  t.end()
})

test("Decoder does not tell an opening's count line as garbage", (t) => {
  t.equal(decode(Buffer.concat([stdout('one'), encodeOpening(hello), stdout('two')])).skippedBytes, 0)
  t.equal(decode(Buffer.concat([Buffer.from('noise'), encodeOpening(hello)])).skippedBytes, 5)
  t.end()
})

test('Decoder reads the longest frame', (t) => {
  const longest = stdout(Buffer.alloc(payloadBytesMax, 'x'))
  t.equal(longest.length, frameBytesMax)
  t.equal(decode(longest).frames[0]?.payload.length, payloadBytesMax)
  t.equal(decode(...cut(longest, 4096)).frames[0]?.payload.length, payloadBytesMax)
  t.end()
})

test('Decoder waits for the rest of a truncated frame or opening, whatever is missing', (t) => {
  for (const whole of [stdout('hello'), encodeOpening(hello)]) {
    for (let length = 1; length < whole.length; length += 1) {
      const decoded = new Decoded()
      const decoder = new Decoder(decoded)
      decoder.push(whole.subarray(0, length))
      t.equal(decoded.frames.length + decoded.openings.length, 0)
      decoder.push(whole.subarray(length))
      t.equal(decoded.frames.length + decoded.openings.length, 1, `after ${length} bytes`)
      t.equal(decoder.pendingBytes, 0)
    }
  }
  t.end()
})

test('Decoder drops a frame one byte over the limit at once, and only its bytes', (t) => {
  const tooLong = announcing(payloadBytesMax + 1)
  const { texts, skippedBytes, pendingBytes } = decode(stdout('before'), tooLong, stdout('after'))
  t.same(texts, ['before', 'after'])
  t.equal(skippedBytes, tooLong.length)
  t.equal(pendingBytes, 0)
  t.equal(decode(tooLong).pendingBytes, 0, 'nothing waits for it')
  t.end()
})

test('Decoder holds on to a frame of just the limit', (t) => {
  const { frames, skippedBytes, pendingBytes } = decode(announcing(payloadBytesMax))
  t.equal(frames.length, 0)
  t.equal(skippedBytes, 0)
  t.equal(pendingBytes, 29)
  t.end()
})

test('Decoder drops a frame with a wrong checksum, and only its bytes', (t) => {
  const damaged = stdout('damaged')
  damaged.writeUInt32BE(0, 4)
  const { texts, skippedBytes } = decode(Buffer.concat([stdout('before'), damaged, stdout('after')]))
  t.same(texts, ['before', 'after'])
  t.equal(skippedBytes, damaged.length)
  t.end()
})

test('Decoder drops what belongs to nothing, and only that', (t) => {
  const garbage = [
    Buffer.from('70\n{"args": ["hello"], "method": "execute", "kw": {}}'),
    Buffer.from('login: '),
    Buffer.alloc(100_000, 0xf5),
    frameMarker.subarray(0, 3),
    Buffer.from('{"method": "negotiator-ope'),
    Buffer.from([0]),
  ]
  for (const bytes of garbage) {
    const { texts, skippedBytes, pendingBytes } = decode(bytes, stdout('one'), bytes, stdout('two'))
    t.same(texts, ['one', 'two'])
    t.equal(skippedBytes, 2 * bytes.length)
    t.equal(pendingBytes, 0)
  }
  t.end()
})

test('Decoder reads an unknown type: whoever takes the frame judges it', (t) => {
  const frame = encodeFrame({ type: 0x7f as 0x01, sequence: 0, stream: 0, session, payload: Buffer.alloc(0) })
  t.equal(decode(frame).frames[0]?.type, 0x7f)
  t.end()
})

test('Decoder gives payloads as views into the chunk', (t) => {
  const chunk = stdout('hello')
  const payload = decode(chunk).frames[0]?.payload
  chunk.write('HELLO', 24)
  t.equal(payload?.toString(), 'HELLO')
  t.end()
})
