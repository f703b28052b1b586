import { test } from 'tap'
import { frameBytesMax, payloadBytesMax } from '../limits.js'
import { encodeFrame, frameBytes, sendableLength, writeFrame } from './encode.js'
import type { FrameToSend } from './encode.js'
import { FrameType, frameMarker, openingMarker } from './frame.js'
import { encodePing } from './message.js'
import { encodeRequest } from './request.js'

const session = { high: 0x01020304, low: 0x05060708 }

function fromHex(...rows: readonly string[]): Buffer {
  return Buffer.from(rows.join('').replaceAll(' ', ''), 'hex')
}

test('encodeFrame() writes a PING as known bytes', (t) => {
  const frame = encodeFrame({ type: FrameType.ping, sequence: 7, stream: 0, session, payload: encodePing(1) })
  const known = fromHex(
    'f5 6e 67 74', // 0: marker
    '7d af 9e 4e', // 4: CRC-32 of all that follows
    '04', // 8: PING
    '07', // 9: sequence
    '00 08', // 10: payload bytes
    '00 00 00 00', // 12: stream, 0 is the session
    '01 02 03 04 05 06 07 08', // 16: session
    '00 00 00 00 00 00 00 01', // 24: payload, the token
  )
  t.same(frame, known)
  t.end()
})

test('encodeFrame() writes a REQUEST as known bytes', (t) => {
  const payload = encodeRequest({ ask: 'status' })
  const frame = encodeFrame({ type: FrameType.request, sequence: 0, stream: 1, session, payload })
  const known = fromHex(
    'f5 6e 67 74', // 0: marker
    '40 ec bd 4b', // 4: CRC-32 of all that follows
    '10', // 8: REQUEST
    '00', // 9: sequence
    '00 10', // 10: payload bytes
    '00 00 00 01', // 12: stream
    '01 02 03 04 05 06 07 08', // 16: session
    '7b 22 61 73 6b 22 3a 22 73 74 61 74 75 73 22 7d', // 24: {"ask":"status"}
  )
  t.same(frame, known)
  t.end()
})

test('writeFrame() writes at an offset, touches nothing else and says where it ended', (t) => {
  const frame: FrameToSend = {
    type: FrameType.stdin,
    sequence: 255,
    stream: 0xffffffff,
    session,
    payload: Buffer.from('hi'),
  }
  const target = Buffer.alloc(40, 0xaa)
  t.equal(writeFrame(frame, { target, offset: 5 }), 31)
  t.equal(frameBytes(frame), 26)
  t.same(target.subarray(5, 31), encodeFrame(frame))
  t.same(target.subarray(0, 5), Buffer.alloc(5, 0xaa))
  t.same(target.subarray(31), Buffer.alloc(9, 0xaa))
  t.end()
})

test('encodeFrame() takes the longest payload and refuses one byte more', (t) => {
  const frame = { type: FrameType.stdout, sequence: 0, stream: 1, session }
  t.equal(encodeFrame({ ...frame, payload: Buffer.alloc(payloadBytesMax) }).length, frameBytesMax)
  t.throws(() => encodeFrame({ ...frame, payload: Buffer.alloc(payloadBytesMax + 1) }), {
    name: 'RangeError',
    message: `Cannot encode a frame: its payload has ${payloadBytesMax + 1} bytes, at most ${payloadBytesMax} fit`,
  })
  t.end()
})

test('writeFrame() refuses a target without room', (t) => {
  const frame = { type: FrameType.stdout, sequence: 0, stream: 1, session, payload: Buffer.from('hello') }
  t.throws(() => writeFrame(frame, { target: Buffer.alloc(28), offset: 0 }), { name: 'RangeError' })
  t.end()
})

test('sendableLength() takes all that fits', (t) => {
  t.equal(sendableLength(Buffer.alloc(0)), 0)
  t.equal(sendableLength(Buffer.from('x')), 1)
  t.equal(sendableLength(Buffer.alloc(payloadBytesMax)), payloadBytesMax)
  t.equal(sendableLength(Buffer.alloc(payloadBytesMax + 1)), payloadBytesMax)
  t.end()
})

test('sendableLength() cuts inside the first marker', (t) => {
  const before = Buffer.from('before')
  for (const marker of [frameMarker, openingMarker]) {
    t.equal(sendableLength(Buffer.concat([marker, before])), 1)
    t.equal(sendableLength(Buffer.concat([before, marker])), before.length + 1)
  }
  t.equal(sendableLength(Buffer.concat([before, frameMarker, openingMarker])), before.length + 1)
  t.equal(sendableLength(Buffer.concat([before, openingMarker, frameMarker])), before.length + 1)
  t.end()
})

test('sendableLength() leaves a marker that is not whole', (t) => {
  for (const marker of [frameMarker, openingMarker]) {
    const fragment = marker.subarray(0, -1)
    t.equal(sendableLength(fragment), fragment.length)
  }
  t.end()
})

test('sendableLength() needs no cut for a marker that lies across the longest payload', (t) => {
  const bytes = Buffer.alloc(payloadBytesMax + 10)
  frameMarker.copy(bytes, payloadBytesMax - 2)
  t.equal(sendableLength(bytes), payloadBytesMax)
  t.end()
})
