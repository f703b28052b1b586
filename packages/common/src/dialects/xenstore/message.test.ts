import { test } from 'tap'
import { PeerError } from '../../errors.js'
import { xenStorePayloadBytesMax } from '../xen-limits.js'
import { testSeed } from '../../test-seed.js'
import { encodeTexts, encodeXenStoreMessage, MessageType, textsIn, XenStoreReader } from './message.js'
import type { XenStoreMessage } from './message.js'

/** As the real daemon of Xen 4.17 was seen to write and read them. */
const captured: readonly (readonly [hex: string, message: XenStoreMessage])[] = [
  [
    `0b00000001000000000000003f000000${Buffer.from('/local/domain/7/data/host/u1\0{"name":"version","value":"agent"}').toString('hex')}`,
    {
      type: MessageType.write,
      requestId: 1,
      transactionId: 0,
      payload: Buffer.from('/local/domain/7/data/host/u1\0{"name":"version","value":"agent"}'),
    },
  ],
  [
    '0b0000000100000000000000030000004f4b00',
    { type: MessageType.write, requestId: 1, transactionId: 0, payload: encodeTexts('OK') },
  ],
  [
    '10000000030000000000000007000000454e4f454e5400',
    { type: MessageType.error, requestId: 3, transactionId: 0, payload: encodeTexts('ENOENT') },
  ],
  [
    `0f000000000000000000000023000000${Buffer.from('/local/domain/7/data/guest/u1\0tok1\0').toString('hex')}`,
    {
      type: MessageType.watchEvent,
      requestId: 0,
      transactionId: 0,
      payload: encodeTexts('/local/domain/7/data/guest/u1', 'tok1'),
    },
  ],
  [
    '1000000011000000010000000700000045414741494e00',
    { type: MessageType.error, requestId: 17, transactionId: 1, payload: encodeTexts('EAGAIN') },
  ],
]

test('encodeXenStoreMessage() and XenStoreReader keep to the bytes that the real daemon was seen with', async (t) => {
  for (const [hex, message] of captured) {
    const bytes = Buffer.from(hex, 'hex')
    t.same(encodeXenStoreMessage(message), bytes)
    t.same([...new XenStoreReader().push(bytes)], [message])
  }
})

test('XenStoreReader tells the same messages however the bytes are cut', async (t) => {
  const bytes = Buffer.concat(captured.map(([hex]) => Buffer.from(hex, 'hex')))
  const messages = captured.map(([, message]) => message)
  const reader = new XenStoreReader()
  t.same(
    [...bytes].flatMap((byte) => [...reader.push(Buffer.of(byte))]),
    messages,
  )
  const seed = testSeed(t)
  for (let round = 0; round < 100; round += 1) {
    const cutAt = (seed * (round + 1)) % bytes.length
    const cut = new XenStoreReader()
    t.same([...cut.push(bytes.subarray(0, cutAt)), ...cut.push(bytes.subarray(cutAt))], messages)
  }
})

test('neither takes a message that is one byte too long', async (t) => {
  const whole = {
    type: MessageType.write,
    requestId: 1,
    transactionId: 0,
    payload: Buffer.alloc(xenStorePayloadBytesMax),
  }
  t.equal(encodeXenStoreMessage(whole).length, 16 + 4096)
  const sentence = 'Cannot move a XenStore message of 4097 bytes: at most 4096 fit into one'
  const expected = { name: 'PeerError', code: 'xenstore-too-long', message: sentence }
  t.throws(() => encodeXenStoreMessage({ ...whole, payload: Buffer.alloc(4097) }), expected)
  const header = Buffer.alloc(16)
  header.writeUInt32LE(4097, 12)
  t.throws(() => [...new XenStoreReader().push(header)], PeerError, 'before any of it has come')
  const read: XenStoreMessage[] = []
  t.throws(() => {
    for (const message of new XenStoreReader().push(Buffer.concat([encodeXenStoreMessage(whole), header])))
      read.push(message)
  }, PeerError)
  t.same(read, [whole], 'what came before it is told')
})

test('textsIn() reads what encodeTexts() writes', async (t) => {
  for (const texts of [[], ['a'], ['a', 'b'], ['', 'é'], ['a', '']])
    t.same(textsIn(encodeTexts(...texts)), texts)
  t.same(textsIn(Buffer.from('a\0b')), ['a', 'b'], 'the last NUL may be missing')
})
