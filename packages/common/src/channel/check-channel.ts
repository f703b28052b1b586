/**
 * The contract suite of channels: every implementation passes it.
 * Floor 1, for tests: exported by `@negotiator/common/testing`.
 */
import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { settle } from '../fake-clock.js'
import type { Channel } from './channel.js'
import { RecordedEnd } from './recorded-end.js'

/** Makes two new channels that are joined; whoever makes them frees what lies behind them at the end of `test`. */
export type MakeChannelPair = (test: Test) => Promise<{ readonly left: Channel; readonly right: Channel }>

/** More than any pipe, socket or port holds while nobody reads. */
const floodBytesMax = 64 * 1024 * 1024
const floodChunkBytes = 32 * 1024

/** Holds a channel to its contract, one end being as good as the other. */
export async function checkChannel(test: Test, makePair: MakeChannelPair): Promise<void> {
  await checkDelivery(test, makePair)
  await checkBackPressure(test, makePair)
  await checkClosing(test, makePair)
  await checkEarlyClosing(test, makePair)
}

async function checkDelivery(test: Test, makePair: MakeChannelPair): Promise<void> {
  await test.test('write() delivers bytes in order, both ways at once', async (t) => {
    const { left, right } = await started(t, makePair)
    const toRight = randomBytes(300_000)
    const toLeft = randomBytes(300_000)
    for (let at = 0; at < toRight.length; at += 10_007) {
      left.channel.write(toRight.subarray(at, at + 10_007))
      right.channel.write(toLeft.subarray(at, at + 10_007))
    }
    await Promise.all([right.receivedBytes(toRight.length), left.receivedBytes(toLeft.length)])
    t.ok(right.received.equals(toRight), 'from left to right')
    t.ok(left.received.equals(toLeft), 'from right to left')
    close(left, right)
  })

  await test.test('write() before the other end has started is not lost', async (t) => {
    const { left, right } = await recorded(t, makePair)
    left.start().channel.write(Buffer.from('early'))
    await settle()
    right.start()
    await right.receivedBytes(5)
    t.equal(right.received.toString(), 'early')
    close(left, right)
  })

  await test.test('bytes() gives chunks that are never written again', async (t) => {
    const { left, right } = await started(t, makePair)
    const copies: Buffer[] = []
    const sent = randomBytes(400_000)
    for (let at = 0; at < sent.length; at += 50_000) {
      left.channel.write(sent.subarray(at, at + 50_000))
      await right.receivedBytes(at + 1)
      copies.push(...right.chunks.slice(copies.length).map((chunk) => Buffer.from(chunk)))
    }
    await right.receivedBytes(sent.length)
    copies.push(...right.chunks.slice(copies.length).map((chunk) => Buffer.from(chunk)))
    t.ok(Buffer.concat(copies).equals(sent))
    t.ok(right.received.equals(sent))
    close(left, right)
  })
}

async function checkBackPressure(test: Test, makePair: MakeChannelPair): Promise<void> {
  await test.test(
    'write() answers false when nobody reads, and drained() follows once somebody does',
    async (t) => {
      const { left, right } = await recorded(t, makePair)
      const floodBytes = flood(left.start().channel)
      t.ok(floodBytes < floodBytesMax, `held up after ${floodBytes} bytes`)
      t.equal(left.drainedCount, 0)
      right.start()
      await Promise.all([left.until(() => left.drainedCount > 0), right.receivedBytes(floodBytes)])
      left.channel.write(Buffer.from('after'))
      await right.receivedBytes(floodBytes + 5)
      t.equal(right.received.subarray(floodBytes).toString(), 'after')
      close(left, right)
    },
  )

  await test.test('close() is told at once although the other end never reads', async (t) => {
    const { left, right } = await recorded(t, makePair)
    flood(left.start().channel)
    left.channel.close()
    await left.until(() => left.closedCount > 0)
    t.equal(left.closedCount, 1)
    right.channel.close()
  })
}

async function checkClosing(test: Test, makePair: MakeChannelPair): Promise<void> {
  await test.test('close() is told to both ends exactly once, without a cause', async (t) => {
    const { left, right } = await started(t, makePair)
    left.channel.close()
    left.channel.close()
    await closings(left, right)
    right.channel.close()
    left.channel.close()
    await settle()
    t.same([left.causes, right.causes], [[undefined], [undefined]])
  })

  await test.test('close() by both ends at once is told to each exactly once', async (t) => {
    const { left, right } = await started(t, makePair)
    close(left, right)
    await closings(left, right)
    await settle()
    t.same([left.closedCount, right.closedCount], [1, 1])
  })

  await test.test('close() lets what was written just before it arrive first', async (t) => {
    const { left, right } = await started(t, makePair)
    left.channel.write(Buffer.from('last words'))
    left.channel.close()
    await right.until(() => right.closedCount > 0)
    t.equal(right.received.toString(), 'last words')
  })

  await test.test('close() ends delivery to our own end', async (t) => {
    const { left, right } = await started(t, makePair)
    right.channel.write(Buffer.from('too late'))
    left.channel.close()
    right.channel.write(Buffer.from('later still'))
    await closings(left, right)
    t.equal(left.received.length, 0)
  })

  await test.test('close() from within bytes() ends delivery at once', async (t) => {
    const { left, right } = await recorded(t, makePair)
    left.start()
    for (let count = 0; count < 5; count += 1) {
      left.channel.write(Buffer.from('x'))
      await settle()
    }
    right.onBytes = () => right.channel.close()
    right.start()
    await closings(left, right)
    t.equal(right.chunks.length, 1)
  })

  await test.test('write() on a channel that is over is harmless and asks nobody to wait', async (t) => {
    const { left, right } = await started(t, makePair)
    left.channel.close()
    t.equal(left.channel.write(Buffer.from('x')), true)
    await closings(left, right)
    t.equal(left.channel.write(Buffer.from('x')), true)
    t.equal(right.channel.write(Buffer.from('x')), true)
    await settle()
    t.same([left.drainedCount, right.drainedCount, left.closedCount, right.closedCount], [0, 0, 1, 1])
  })
}

async function checkEarlyClosing(test: Test, makePair: MakeChannelPair): Promise<void> {
  await test.test('start() tells a close() of our own that came before it, once', async (t) => {
    const { left, right } = await recorded(t, makePair)
    left.channel.close()
    left.start()
    right.start()
    await closings(left, right)
    await settle()
    t.same([left.closedCount, right.closedCount], [1, 1])
  })

  await test.test('start() tells a close() of long ago, once', async (t) => {
    const { left, right } = await recorded(t, makePair)
    left.channel.close()
    await settle()
    left.start()
    right.start()
    await closings(left, right)
    await settle()
    t.same([left.closedCount, right.closedCount], [1, 1])
  })

  await test.test(
    'start() delivers what the other end wrote before it left, then tells the end',
    async (t) => {
      const { left, right } = await recorded(t, makePair)
      left.start().channel.write(Buffer.from('last words'))
      left.channel.close()
      await left.until(() => left.closedCount > 0)
      right.start()
      await right.until(() => right.closedCount > 0)
      t.equal(right.received.toString(), 'last words')
    },
  )
}

interface RecordedPair {
  readonly left: RecordedEnd
  readonly right: RecordedEnd
}

async function recorded(test: Test, makePair: MakeChannelPair): Promise<RecordedPair> {
  const { left, right } = await makePair(test)
  return { left: new RecordedEnd(left), right: new RecordedEnd(right) }
}

async function started(test: Test, makePair: MakeChannelPair): Promise<RecordedPair> {
  const { left, right } = await recorded(test, makePair)
  return { left: left.start(), right: right.start() }
}

/** Writes until the channel asks to wait. */
function flood(channel: Channel): number {
  let floodBytes = 0
  for (let mayGoOn = true; mayGoOn && floodBytes < floodBytesMax; floodBytes += floodChunkBytes) {
    mayGoOn = channel.write(Buffer.alloc(floodChunkBytes))
  }
  return floodBytes
}

function close(left: RecordedEnd, right: RecordedEnd): void {
  left.channel.close()
  right.channel.close()
}

async function closings(left: RecordedEnd, right: RecordedEnd): Promise<void> {
  await Promise.all([left, right].map(async (end) => await end.until(() => end.closedCount > 0)))
}
