import { Readable, Writable } from 'node:stream'
import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { laneQueueBytes, laneWindowBytes } from '../limits.js'
import { readLane, sessionPair, until } from '../session/session-pair.js'
import type { SessionPair } from '../session/session-pair.js'
import type { CallingStream } from '../session/calling-stream.js'
import type { ServingStream } from '../session/serving-stream.js'
import type { Teardown } from '../test-folder.js'
import { pumpFromLane, pumpToLane } from './pump.js'

const chunkBytes = 16 * 1024

/** Both ends of one call. */
async function openCall(
  test: Teardown,
): Promise<{ pair: SessionPair; calling: CallingStream; serving: ServingStream }> {
  const pair = await sessionPair()
  test.teardown(async () => await pair.close())
  const calling = pair.caller.session.open({ ask: 'run', command: 'any', args: [], hasStdin: true })
  await settle()
  return { pair, calling, serving: pair.server.call }
}

/** A stream that gives bytes for ever, as a pipe does in turns of the event loop, and counts them. */
function endless(): { source: Readable; givenBytes: () => number } {
  let givenBytes = 0
  const source = new Readable({
    read() {
      setImmediate(() => {
        givenBytes += chunkBytes
        this.push(Buffer.alloc(chunkBytes))
      })
    },
  })
  return { source, givenBytes: () => givenBytes }
}

/** Lets everything go as far as it can. */
async function untilStill(count: () => number): Promise<number> {
  for (let before = -1; before !== count();) {
    before = count()
    await settle()
  }
  return count()
}

test('pumpToLane() carries a stream and its end', async (t) => {
  const { calling, serving } = await openCall(t)
  const read = readLane(calling.stdout)
  pumpToLane(Readable.from([Buffer.from('one '), Buffer.from('two')]), serving.stdout)
  await until(() => read.isEnded)
  t.equal(read.text, 'one two')
})

test('pumpToLane() takes from a stream only what a reader that never reads leaves room for', async (t) => {
  const { calling, serving } = await openCall(t)
  const { source, givenBytes } = endless()
  pumpToLane(source, serving.stdout)
  const roomBytes = laneWindowBytes + laneQueueBytes
  const takenBytes = await untilStill(givenBytes)
  t.ok(
    takenBytes >= roomBytes && takenBytes <= roomBytes + 8 * chunkBytes,
    `${takenBytes} of about ${roomBytes}`,
  )

  const read = readLane(calling.stdout)
  await until(() => read.text.length > 4 * roomBytes)
  t.pass('and goes on once it does')
  calling.cancel()
  await settle()
  serving.finish({ kind: 'cancelled', reason: '' })
  source.destroy()
})

test('pumpToLane() lets a stream run dry once nobody wants it', async (t) => {
  const { calling, serving } = await openCall(t)
  const { source, givenBytes } = endless()
  pumpToLane(source, serving.stdout)
  const before = await untilStill(givenBytes)
  calling.cancel()
  await until(() => givenBytes() > before + laneWindowBytes)
  source.destroy()
  serving.finish({ kind: 'cancelled', reason: '' })
})

test('pumpToLane() ends the lane when the stream breaks off', async (t) => {
  const { calling, serving } = await openCall(t)
  const read = readLane(calling.stdout)
  const source = new Readable({ read: () => undefined })
  pumpToLane(source, serving.stdout)
  source.push('so far')
  await until(() => read.text === 'so far')
  source.destroy(new Error('the pipe broke'))
  await until(() => read.isEnded)
  t.equal(read.text, 'so far')
})

test('pumpFromLane() carries a lane and its end', async (t) => {
  const { calling, serving } = await openCall(t)
  const chunks: Buffer[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  pumpFromLane(serving.stdin, sink)
  calling.stdin.write(Buffer.from('one '))
  calling.stdin.write(Buffer.from('two'))
  calling.stdin.end()
  await until(() => sink.writableFinished)
  t.equal(Buffer.concat(chunks).toString(), 'one two')
})

test('pumpFromLane() takes no more than the window for a stream that is stuck', async (t) => {
  const { calling, serving } = await openCall(t)
  let [takenBytes, writtenBytes] = [0, 0]
  let go = (): void => undefined
  const sink = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      takenBytes += chunk.length
      go = done
    },
  })
  pumpFromLane(serving.stdin, sink)
  const write = (): void => {
    while (calling.stdin.write(Buffer.alloc(chunkBytes))) writtenBytes += chunkBytes
    writtenBytes += chunkBytes
  }
  calling.stdin.onDrained = write
  write()
  await untilStill(() => writtenBytes)
  t.ok(writtenBytes <= laneWindowBytes + 2 * laneQueueBytes, `${writtenBytes} bytes`)
  t.ok(sink.writableLength <= laneWindowBytes, 'and holds no more than that')
  while (takenBytes < 4 * laneWindowBytes) {
    const goOn = go
    go = () => undefined
    goOn()
    await settle()
  }
  t.pass('and goes on once it is not')
  calling.stdin.onDrained = () => undefined
})

test('pumpFromLane() drops what comes for a stream that is gone, so the sender is never held up', async (t) => {
  const { calling, serving } = await openCall(t)
  const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  pumpFromLane(serving.stdin, sink)
  let writtenBytes = 0
  const write = (): void => {
    while (writtenBytes < 4 * laneWindowBytes) {
      writtenBytes += chunkBytes
      if (!calling.stdin.write(Buffer.alloc(chunkBytes))) return
    }
  }
  calling.stdin.onDrained = write
  write()
  await until(() => writtenBytes >= 4 * laneWindowBytes)
  t.ok(sink.destroyed)
})

test('pumpFromLane() gives what comes byte by byte to a slow stream in few writes', async (t) => {
  const { calling, serving } = await openCall(t)
  const writes: Buffer[] = []
  const slow = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk)
      setImmediate(done)
    },
  })
  pumpFromLane(serving.stdin, slow)
  const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, at) => at & 0xff))
  for (let at = 0; at < bytes.length; at += 1) {
    calling.stdin.write(bytes.subarray(at, at + 1))
    // Each byte is a frame of its own.
    if (at % 3 === 0) await Promise.resolve()
  }
  calling.stdin.end()
  await until(() => slow.writableFinished)
  t.ok(Buffer.concat(writes).equals(bytes))
  t.ok(writes.length < 100, `${writes.length} writes`)
})
