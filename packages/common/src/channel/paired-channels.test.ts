import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { checkChannel } from './check-channel.js'
import { pairedChannels } from './paired-channels.js'
import { RecordedEnd } from './recorded-end.js'

test('PairedChannel keeps the contract of a channel', async (t) => {
  await checkChannel(t, () => Promise.resolve(pairedChannels()))
})

test('PairedChannel delivers in a later turn, as a socket does', async (t) => {
  const { left, right } = pairedChannels()
  const end = new RecordedEnd(right).start()
  left.write(Buffer.from('x'))
  await Promise.resolve()
  t.equal(end.received.length, 0)
  await settle()
  t.equal(end.received.toString(), 'x')
})

test('PairedChannel cuts what it delivers into pieces', async (t) => {
  const { left, right } = pairedChannels({ chunkBytesMax: 4 })
  const end = new RecordedEnd(right).start()
  left.write(Buffer.from('0123456789'))
  await settle()
  t.same(end.chunks.map(String), ['0123', '4567', '89'])
})

test('PairedChannel asks to wait once its capacity is used up', async (t) => {
  const { left, right } = pairedChannels({ capacityBytes: 8 })
  const end = new RecordedEnd(left).start()
  t.equal(left.write(Buffer.alloc(7)), true)
  t.equal(left.write(Buffer.alloc(1)), false)
  t.equal(left.write(Buffer.alloc(1)), false, 'what is written all the same is taken')
  const other = new RecordedEnd(right).start()
  await settle()
  t.equal(other.received.length, 9)
  t.equal(end.drainedCount, 1)
})

test('hold() keeps bytes until release(), as a paused machine does', async (t) => {
  const { left, right } = pairedChannels()
  const end = new RecordedEnd(right).start()
  right.hold()
  left.write(Buffer.from('one'))
  left.write(Buffer.from('two'))
  await settle()
  t.equal(end.received.length, 0)
  right.release()
  await settle()
  t.equal(end.received.toString(), 'onetwo')
})

test('hold() also keeps the news that the other end has left', async (t) => {
  const { left, right } = pairedChannels()
  const end = new RecordedEnd(right).start()
  right.hold()
  left.write(Buffer.from('one'))
  left.close()
  await settle()
  t.equal(end.closedCount, 0)
  right.release()
  await settle()
  t.equal(end.received.toString(), 'one')
  t.equal(end.closedCount, 1)
})
