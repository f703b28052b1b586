import { test } from 'tap'
import { laneQueueBytes, laneWindowBytes, payloadBytesMax } from '../limits.js'
import { FrameType, frameMarker } from '../wire/frame.js'
import { LaneWriter } from './lane-writer.js'

function newLane(): { lane: LaneWriter; announced: LaneWriter[] } {
  const announced: LaneWriter[] = []
  const lane = new LaneWriter({ stream: 1, type: FrameType.stdout }, (ready) => announced.push(ready))
  return { lane, announced }
}

function takeAll(lane: LaneWriter): Buffer[] {
  const payloads: Buffer[] = []
  while (lane.isReady) payloads.push(lane.take(payloadBytesMax))
  return payloads
}

test('LaneWriter gives what was written, then an empty payload for its end', (t) => {
  const { lane, announced } = newLane()
  let endedCount = 0
  lane.onEnded = () => (endedCount += 1)
  t.notOk(lane.isReady)
  lane.write(Buffer.from('one'))
  t.same(announced, [lane])
  lane.write(Buffer.from('two'))
  lane.end()
  t.same([lane.isEnding, lane.isEnded], [true, false])
  t.same(takeAll(lane).map(String), ['onetwo', ''])
  t.same([lane.isEnding, lane.isEnded, endedCount], [true, true, 1])
  t.end()
})

test('LaneWriter gives no more than is asked for', (t) => {
  const { lane } = newLane()
  lane.write(Buffer.from('hello'))
  t.equal(lane.take(2).toString(), 'he')
  t.ok(lane.isReady)
  t.equal(lane.take(100).toString(), 'llo')
  t.notOk(lane.isReady)
  t.end()
})

test('LaneWriter cuts a payload inside a marker', (t) => {
  const { lane } = newLane()
  const bytes = Buffer.concat([Buffer.from('x'), frameMarker, Buffer.from('y')])
  lane.write(bytes)
  const payloads = takeAll(lane)
  t.same(
    payloads.map((payload) => payload.length),
    [2, 4],
  )
  t.same(Buffer.concat(payloads), bytes)
  t.end()
})

test('LaneWriter gives no byte beyond its credit, and goes on when more is granted', (t) => {
  const { lane, announced } = newLane()
  for (let sent = 0; sent < laneWindowBytes; sent += 4096) lane.write(Buffer.alloc(4096))
  lane.write(Buffer.from('beyond'))
  const sentBytes = takeAll(lane).reduce((sum, payload) => sum + payload.length, 0)
  t.equal(sentBytes, laneWindowBytes)
  announced.length = 0
  lane.grant(3)
  t.same(announced, [lane])
  t.same(takeAll(lane).map(String), ['bey'])
  t.throws(() => lane.grant(laneWindowBytes + 1), { code: 'too-much-credit' })
  t.end()
})

test('LaneWriter needs no credit for its end', (t) => {
  const { lane } = newLane()
  lane.write(Buffer.alloc(laneWindowBytes))
  takeAll(lane)
  lane.end()
  t.same(
    takeAll(lane).map((payload) => payload.length),
    [0],
  )
  t.end()
})

test('LaneWriter announces its end only when something waits before it that can be sent', (t) => {
  const { lane, announced } = newLane()
  lane.write(Buffer.alloc(laneWindowBytes + 1))
  takeAll(lane)
  announced.length = 0
  lane.end()
  t.same([announced.length, lane.isReady], [0, false])
  lane.grant(1)
  t.same(
    takeAll(lane).map((payload) => payload.length),
    [1, 0],
  )
  t.end()
})

test('LaneWriter asks its producer to pause, and to go on at half its queue', (t) => {
  const { lane } = newLane()
  let drainedCount = 0
  lane.onDrained = () => (drainedCount += 1)
  t.equal(lane.write(Buffer.alloc(laneQueueBytes - 1)), true)
  t.equal(lane.write(Buffer.alloc(1)), false)
  lane.take(laneQueueBytes / 2 - 1)
  lane.take(1)
  while (drainedCount === 0 && lane.isReady) lane.take(1024)
  t.equal(drainedCount, 1)
  takeAll(lane)
  t.equal(drainedCount, 1, 'told once')
  t.end()
})

test('LaneWriter drops what comes after its end', (t) => {
  const { lane } = newLane()
  lane.end()
  lane.end()
  t.equal(lane.write(Buffer.alloc(laneQueueBytes)), true, 'and holds up nobody')
  t.same(
    takeAll(lane).map((payload) => payload.length),
    [0],
  )
  t.end()
})

test('LaneWriter sends nothing for no bytes: that would be its end', (t) => {
  const { lane, announced } = newLane()
  t.equal(lane.write(Buffer.alloc(0)), true)
  t.equal(announced.length, 0)
  t.notOk(lane.isReady)
  t.end()
})

test('abandon() drops what is queued and lets a paused producer go on', (t) => {
  const { lane } = newLane()
  let drainedCount = 0
  let endedCount = 0
  lane.onDrained = () => (drainedCount += 1)
  lane.onEnded = () => (endedCount += 1)
  lane.write(Buffer.alloc(laneQueueBytes))
  lane.abandon()
  t.same([lane.isReady, lane.isEnded, drainedCount, endedCount], [false, true, 1, 0])
  t.equal(lane.write(Buffer.from('x')), true)
  t.notOk(lane.isReady)
  t.end()
})

test('LaneWriter tells a paused producer to go on, also when more was written meanwhile', (t) => {
  const { lane } = newLane()
  let drainedCount = 0
  lane.onDrained = () => (drainedCount += 1)
  t.notOk(lane.write(Buffer.alloc(laneQueueBytes)), 'asked to pause')
  lane.take(payloadBytesMax)
  t.notOk(lane.write(Buffer.alloc(1)), 'still to pause, although the queue is below its limit')
  takeAll(lane)
  t.equal(drainedCount, 1)
  t.end()
})
