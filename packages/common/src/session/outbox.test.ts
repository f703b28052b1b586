import { test } from 'tap'
import { settle } from '../fake-clock.js'
import {
  controlQueueBytesMax,
  frameBytesMax,
  frameHeaderBytes,
  inFlightBytesMax,
  laneWindowBytes,
} from '../limits.js'
import { decode } from '../wire/decoded.js'
import { FrameType } from '../wire/frame.js'
import type { Frame, LaneType } from '../wire/frame.js'
import { newCounters } from './counters.js'
import type { Counters } from './counters.js'
import { LaneWriter } from './lane-writer.js'
import { Outbox } from './outbox.js'

const session = { high: 1, low: 2 }

/** An outbox before a channel whose writes are kept, and which asks to wait while `isFull`. */
class OutboxBeforeChannel {
  readonly batches: Buffer[] = []
  readonly counters: Counters = newCounters()
  readonly outbox: Outbox
  isFull = false
  overflowCount = 0

  constructor() {
    this.outbox = new Outbox({
      session,
      counters: this.counters,
      write: (batch) => {
        this.batches.push(batch)
        return !this.isFull
      },
      onOverflow: () => (this.overflowCount += 1),
    })
  }

  lane(stream: number, type: LaneType = FrameType.stdout): LaneWriter {
    return new LaneWriter({ stream, type }, (lane) => this.outbox.changed(lane))
  }

  ping(text = ''): void {
    this.outbox.control(FrameType.ping, { stream: 0, payload: Buffer.from(text) })
  }

  get frames(): readonly Frame[] {
    return decode(...this.batches).frames
  }

  get dataBytes(): number {
    const data = this.frames.filter((frame) => frame.type === FrameType.stdout)
    return data.reduce((sum, frame) => sum + frame.payload.length, 0)
  }
}

test('Outbox writes what one turn queued in one batch', async (t) => {
  const { outbox, batches, counters } = new OutboxBeforeChannel()
  outbox.control(FrameType.ping, { stream: 0, payload: Buffer.from('a') })
  outbox.control(FrameType.ping, { stream: 0, payload: Buffer.from('b') })
  t.equal(batches.length, 0, 'not before the turn is over')
  await settle()
  t.same(
    batches.map((batch) => decode(batch).texts),
    [['a', 'b']],
  )
  t.same([counters.framesSent, batches[0]?.length], [2, 2 * (frameHeaderBytes + 1)])
})

test('Outbox sends control frames first, then the lanes in turn', async (t) => {
  const channel = new OutboxBeforeChannel()
  for (const stream of [1, 2]) {
    const lane = channel.lane(stream)
    // Small ones would leave together.
    for (const text of ['one', 'two']) lane.write(Buffer.from(text.padEnd(5_000)))
    lane.end()
  }
  channel.ping('ping')
  await settle()
  const order = channel.frames.map(({ stream, payload }) => `${stream} ${payload.toString().trimEnd()}`)
  t.same(order, ['0 ping', '1 one', '2 one', '1 two', '2 two', '1 ', '2 '])
})

test('Outbox numbers frames in the order in which they leave, modulo 256', async (t) => {
  const channel = new OutboxBeforeChannel()
  const lane = channel.lane(1)
  for (let round = 0; round < 300; round += 1) {
    lane.write(Buffer.from('data'))
    channel.ping('ping')
    if (round % 7 === 0) await settle()
  }
  await settle()
  // What one turn wrote to a lane leaves together.
  t.equal(channel.frames.length, 300 + 44)
  t.ok(channel.frames.every(({ sequence }, index) => sequence === index % 256))
  t.ok(channel.frames.every((frame) => frame.session.high === 1 && frame.session.low === 2))
})

test('Outbox writes batches of at most one port write', async (t) => {
  const channel = new OutboxBeforeChannel()
  for (const stream of [1, 2, 3]) channel.lane(stream).write(Buffer.alloc(100_000))
  for (let count = 0; count < 3_000; count += 1) channel.ping('01234567')
  await settle()
  t.equal(channel.dataBytes, 300_000)
  t.ok(channel.batches.every((batch) => batch.length <= frameBytesMax))
  const byteCount = channel.batches.reduce((sum, batch) => sum + batch.length, 0)
  const wantedBatches = (byteCount / frameBytesMax) * 1.4
  t.ok(channel.batches.length < wantedBatches, `${channel.batches.length} batches, well filled`)
})

test('Outbox keeps data in flight below its cap until it is acknowledged', async (t) => {
  const channel = new OutboxBeforeChannel()
  const lanes = [1, 2, 3, 4, 5, 6].map((stream) => channel.lane(stream))
  for (const lane of lanes) lane.write(Buffer.alloc(laneWindowBytes))
  await settle()
  t.equal(channel.dataBytes, inFlightBytesMax)
  channel.ping('control goes all the same')
  await settle()
  t.equal(channel.frames.at(-1)?.payload.toString(), 'control goes all the same')
  channel.outbox.acknowledged(1_000)
  await settle()
  t.equal(channel.dataBytes, inFlightBytesMax + 1_000)
})

test('Outbox refuses an acknowledgement of what was never sent', async (t) => {
  const channel = new OutboxBeforeChannel()
  channel.lane(1).write(Buffer.alloc(10))
  await settle()
  channel.outbox.acknowledged(4)
  t.throws(() => channel.outbox.acknowledged(7), {
    name: 'PeerError',
    code: 'too-much-received',
    message: 'Cannot take RECEIVED 7: only 6 bytes are in flight',
  })
})

test('Outbox waits while the channel is full', async (t) => {
  const channel = new OutboxBeforeChannel()
  channel.isFull = true
  channel.ping('first')
  await settle()
  channel.ping('second')
  channel.lane(1).write(Buffer.from('third'))
  await settle()
  t.equal(channel.batches.length, 1)
  channel.isFull = false
  channel.outbox.drained()
  await settle()
  t.same(
    channel.frames.map(({ payload }) => payload.toString()),
    ['first', 'second', 'third'],
  )
})

test('Outbox passes over a lane that was abandoned while it waited', async (t) => {
  const channel = new OutboxBeforeChannel()
  const [abandoned, other] = [channel.lane(1), channel.lane(2)]
  abandoned.write(Buffer.from('nobody wants this'))
  other.write(Buffer.from('this'))
  abandoned.abandon()
  await settle()
  t.same(
    channel.frames.map(({ payload }) => payload.toString()),
    ['this'],
  )
})

test('Outbox tells once when a peer that does not read lets control frames pile up', async (t) => {
  const channel = new OutboxBeforeChannel()
  channel.isFull = true
  channel.ping('fills the channel')
  await settle()
  const frameBytes = frameHeaderBytes + 1_000
  const fitting = Math.floor(controlQueueBytesMax / frameBytes)
  for (let count = 0; count < fitting; count += 1) channel.ping('x'.repeat(1_000))
  t.equal(channel.overflowCount, 0)
  for (let count = 0; count < 10; count += 1) channel.ping('x'.repeat(1_000))
  t.equal(channel.overflowCount, 1)
})

test('Outbox does not blame the peer for what one turn queues', async (t) => {
  const channel = new OutboxBeforeChannel()
  const count = 2 * Math.ceil(controlQueueBytesMax / 1_000)
  for (let index = 0; index < count; index += 1) channel.ping('x'.repeat(1_000))
  await settle()
  t.equal(channel.overflowCount, 0)
  t.equal(channel.frames.length, count)
})

test('Outbox does not blame the peer for many long requests: their callers hold them anyway', async (t) => {
  const channel = new OutboxBeforeChannel()
  channel.isFull = true
  channel.ping('fills the channel')
  await settle()
  const count = 2 * Math.ceil(controlQueueBytesMax / 30_000)
  for (let stream = 1; stream <= count; stream += 1) {
    channel.outbox.request({ stream, payloadBytesMax: 30_000, payload: () => Buffer.alloc(30_000) })
  }
  t.equal(channel.overflowCount, 0)
})

test('close() writes the control frames that wait, and nothing after them', async (t) => {
  const channel = new OutboxBeforeChannel()
  const lane = channel.lane(1)
  lane.write(Buffer.from('data'))
  channel.ping('last words')
  channel.outbox.close()
  channel.ping('too late')
  lane.write(Buffer.from('too late'))
  channel.outbox.drained()
  await settle()
  t.same(
    channel.frames.map(({ payload }) => payload.toString()),
    ['last words'],
  )
})

test('close() writes nothing into a channel that is full', async (t) => {
  const channel = new OutboxBeforeChannel()
  channel.isFull = true
  channel.ping('fills the channel')
  await settle()
  channel.ping('last words')
  channel.outbox.close()
  channel.outbox.drained()
  await settle()
  t.same(
    channel.frames.map(({ payload }) => payload.toString()),
    ['fills the channel'],
  )
})
