import { test } from 'tap'
import { FrameType } from './frame.js'
import {
  decodeCredit,
  decodeEnd,
  decodePing,
  decodeReceived,
  decodeSignal,
  encodeCredit,
  encodeEnd,
  encodePing,
  encodeReceived,
  encodeSignal,
  signalNames,
} from './message.js'

const numbers = [0, 1, 0xff, 0x100, 0xffffffff]

test('decodeEnd() gives back each reason, and takes one from the future for `closing`', (t) => {
  for (const reason of [
    'closing',
    'unknown-session',
    'protocol-error',
    'frames-lost',
    'silent',
    'not-reading',
  ] as const) {
    t.equal(decodeEnd(encodeEnd(reason)), reason)
  }
  for (const text of ['', 'bored', 'closing ', 'x'.repeat(10_000)])
    t.equal(decodeEnd(Buffer.from(text)), 'closing')
  t.end()
})

test('encodeReceived() writes known bytes, decodeReceived() reads them', (t) => {
  t.equal(encodeReceived(0x01020304).toString('hex'), '01020304')
  for (const number of numbers) t.equal(decodeReceived(encodeReceived(number)), number)
  t.end()
})

test('encodeCredit() writes known bytes, decodeCredit() reads them', (t) => {
  t.equal(encodeCredit({ lane: FrameType.stdout, byteCount: 0x01020304 }).toString('hex'), '2000000001020304')
  for (const lane of [FrameType.stdin, FrameType.stdout, FrameType.stderr]) {
    for (const byteCount of numbers)
      t.same(decodeCredit(encodeCredit({ lane, byteCount })), { lane, byteCount })
  }
  t.end()
})

test('encodePing() writes known bytes, decodePing() reads them', (t) => {
  t.equal(encodePing(0x01020304).toString('hex'), '0000000001020304')
  for (const number of numbers) t.equal(decodePing(encodePing(number)), number)
  t.end()
})

test('decodeSignal() gives back each signal', (t) => {
  for (const signal of signalNames) t.equal(decodeSignal(encodeSignal(signal)), signal)
  t.end()
})

test('decodeSignal() refuses what may not be sent', (t) => {
  for (const text of ['', 'TERM', 'sigterm', 'SIGTERM\u0000', 'SIGSEGV', '9']) {
    t.throws(() => decodeSignal(Buffer.from(text)), {
      name: 'PeerError',
      code: 'bad-message',
      message: 'Cannot read a SIGNAL: it names none that may be sent',
    })
  }
  t.end()
})

test('decodeCredit() refuses what is no lane', (t) => {
  for (const type of [0, FrameType.request, FrameType.result, 0xff]) {
    const payload = encodeCredit({ lane: FrameType.stdin, byteCount: 1 })
    payload.writeUInt8(type)
    t.throws(() => decodeCredit(payload), {
      code: 'bad-message',
      message: 'Cannot read a CREDIT: it names no lane',
    })
  }
  t.end()
})

test('the decoders refuse a payload that is a byte short or long', (t) => {
  const decoders: readonly (readonly [string, number, (payload: Buffer) => unknown])[] = [
    ['RECEIVED', 4, decodeReceived],
    ['CREDIT', 8, decodeCredit],
    ['PING or PONG', 8, decodePing],
  ]
  for (const [what, wanted, decode] of decoders) {
    for (const length of [0, wanted - 1, wanted + 1]) {
      const message = `Cannot read a ${what}: it has ${length} bytes, wanted ${wanted}`
      t.throws(() => decode(Buffer.alloc(length, 0x11)), { name: 'PeerError', code: 'bad-message', message })
    }
  }
  t.end()
})
