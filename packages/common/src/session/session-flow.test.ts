import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { heartbeatDeadMs, inFlightBytesMax, laneQueueBytes, laneWindowBytes } from '../limits.js'
import type { RunRequest } from '../wire/request.js'
import type { LaneWriter } from './lane-writer.js'
import { readLane, sessionPair, until } from './session-pair.js'

const run: RunRequest = { ask: 'run', command: 'hello', args: [], hasStdin: true }

/** Writes so many bytes as a pipe would: no further than the lane wants. */
function produce(lane: LaneWriter, byteCount: number): void {
  let leftBytes = byteCount
  const write = (): void => {
    for (let mayGoOn = true; mayGoOn && leftBytes > 0;) {
      const chunkBytes = Math.min(leftBytes, 10_000)
      leftBytes -= chunkBytes
      mayGoOn = lane.write(Buffer.alloc(chunkBytes, 'x'))
    }
    if (leftBytes === 0) lane.end()
  }
  lane.onDrained = write
  write()
}

test('a lane carries far more than its window, both ways at once', async (t) => {
  const pair = await sessionPair()
  pair.server.onCall = (call) => produce(call.stdout, 5_000_000)
  const call = pair.caller.session.open(run)
  await until(() => pair.server.calls.length === 1)
  const [stdin, stdout] = [readLane(pair.server.call.stdin), readLane(call.stdout)]
  produce(call.stdin, 5_000_000)
  await until(() => stdin.isEnded && stdout.isEnded)
  t.same([stdin.text.length, stdout.text.length], [5_000_000, 5_000_000])
  await pair.close()
})

test('a lane that nobody reads takes no more than its window and its queue', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  let writtenBytes = 0
  while (call.stdin.write(Buffer.alloc(8_192))) {
    writtenBytes += 8_192
    await settle()
  }
  t.ok(writtenBytes < laneWindowBytes + laneQueueBytes, `${writtenBytes} bytes`)
  t.ok(writtenBytes >= laneWindowBytes)
  await pair.close()
})

test('a stalled stream does not hold up another, nor its own other lane', async (t) => {
  const pair = await sessionPair()
  const { session } = pair.caller
  const stalled = session.open(run)
  const other = session.open(run)
  await settle()
  for (const call of pair.server.calls) {
    produce(call.stdout, 2_000_000)
    produce(call.stderr, 2_000_000)
  }
  await settle()
  const [stdout, stderr] = [readLane(other.stdout), readLane(stalled.stderr)]
  await until(() => stdout.isEnded && stderr.isEnded)
  t.same([stdout.text.length, stderr.text.length], [2_000_000, 2_000_000])
  await pair.close()
})

test('as many stalled streams as fill the cap in flight do not hold up a call', async (t) => {
  const pair = await sessionPair()
  const stalledCount = (2 * inFlightBytesMax) / laneWindowBytes
  for (let count = 0; count < stalledCount; count += 1) {
    pair.caller.session.open(run).stdin.write(Buffer.alloc(laneWindowBytes + 1))
  }
  await until(() => pair.server.calls.length === stalledCount)
  pair.server.onCall = (call) => call.finish({ kind: 'exited', code: 0 })
  const call = pair.caller.session.open(run)
  call.stdin.write(Buffer.from('input'))
  t.same(await call.result, { kind: 'exited', code: 0 })
  await pair.close()
})

test('a small call overtakes bulk data', async (t) => {
  const pair = await sessionPair({ capacityBytes: 64 * 1024 })
  const bulk = pair.caller.session.open(run)
  await settle()
  const stdout = readLane(bulk.stdout)
  produce(pair.server.call.stdout, 20_000_000)
  pair.server.onCall = (call) => call.finish({ kind: 'exited', code: 0 })
  const small = pair.caller.session.open(run)
  await small.result
  t.ok(stdout.text.length < 2_000_000, `${stdout.text.length} of 20 million bytes came first`)
  bulk.cancel()
  await pair.close()
})

test('bytes in flight stay below their cap while the other daemon does not read', async (t) => {
  const pair = await sessionPair({ capacityBytes: 64 * 1024 * 1024 })
  for (let count = 0; count < 10; count += 1) {
    pair.caller.session.open(run).stdin.write(Buffer.alloc(laneWindowBytes))
  }
  pair.server.channel.inner.hold()
  await settle()
  const dataBytes = pair.caller.counters.bytesSent
  t.ok(dataBytes < inFlightBytesMax * 1.01, `${dataBytes} bytes`)
  t.ok(dataBytes > inFlightBytesMax)
  await pair.close()
})

test('a peer that never reads has its session ended, and no more is queued for it', async (t) => {
  const pair = await sessionPair({ capacityBytes: 64 * 1024 })
  const { caller, server } = pair
  server.channel.inner.hold()
  const calls = Array.from({ length: 200 }, () => caller.session.open({ ...run, args: ['x'.repeat(10_000)] }))
  await settle()
  for (let count = 0; count < 200_000 && caller.session.ended === undefined; count += 1) {
    for (const call of calls) call.signal('SIGUSR1')
  }
  t.same(caller.endings, ['not-reading'])
  const results = await Promise.all(calls.map(async ({ result }) => await result))
  t.ok(results.every(({ kind }) => kind === 'lost'))
  t.match(results[0], { reason: 'the session ended: the other side stopped reading' })
  await pair.clock.advance(heartbeatDeadMs)
  await pair.close()
})
