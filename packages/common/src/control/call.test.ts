import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { laneQueueBytes, laneWindowBytes } from '../limits.js'
import type { ServingStream } from '../session/serving-stream.js'
import { readLane, sessionPair, until } from '../session/session-pair.js'
import type { Teardown } from '../test-folder.js'
import { callOver, outcomeOf } from './call.js'
import type { Call } from './call.js'

const chunk = Buffer.alloc(16_384)

/** A call as a program holds it, and its serving end. */
async function openCall(test: Teardown): Promise<{ call: Call; serving: ServingStream }> {
  const pair = await sessionPair()
  test.teardown(async () => await pair.close())
  const call = callOver(pair.caller.session.open({ ask: 'run', command: 'any', args: [], hasStdin: true }))
  await settle()
  return { call, serving: pair.server.call }
}

/** Writes to an output as fast as it is taken, and counts. */
function writeForEver(serving: ServingStream): () => number {
  let writtenBytes = 0
  const write = (): void => {
    while (!serving.isStopped) {
      writtenBytes += chunk.length
      if (!serving.stdout.write(chunk)) return
    }
  }
  // In a later turn, as a pipe would go on.
  serving.stdout.onDrained = () => void setImmediate(write)
  write()
  return () => writtenBytes
}

test('outcomeOf() gathers both outputs and the result', async (t) => {
  const { call, serving } = await openCall(t)
  const outcome = outcomeOf(call)
  serving.stdout.write(Buffer.from([0, 255, 10]))
  serving.stderr.write(Buffer.from('err'))
  serving.finish({ kind: 'signalled', signal: 'SIGHUP' })
  t.same(await outcome, {
    kind: 'signalled',
    signal: 'SIGHUP',
    stdout: Buffer.from([0, 255, 10]),
    stderr: Buffer.from('err'),
  })
})

test('what is written to stdin arrives, and its end', async (t) => {
  const { call, serving } = await openCall(t)
  const stdin = readLane(serving.stdin)
  call.stdin.write('one ')
  call.stdin.end('two')
  await until(() => stdin.isEnded)
  t.equal(stdin.text, 'one two')
})

test('stdin takes no more than there is room for', async (t) => {
  const { call, serving } = await openCall(t)
  let takenBytes = 0
  const endless = new Readable({
    read() {
      takenBytes += chunk.length
      this.push(chunk)
    },
  })
  const carried = pipeline(endless, call.stdin).catch(() => undefined)
  await until(() => takenBytes > laneWindowBytes)
  for (let round = 0; round < 20; round += 1) await settle()
  t.ok(takenBytes < laneWindowBytes + 2 * laneQueueBytes, `${takenBytes} bytes`)
  const stdin = readLane(serving.stdin)
  await until(() => stdin.text.length > 4 * laneWindowBytes)
  endless.destroy()
  await carried
})

test('output waits in the call until it is read, and no more of it than the window', async (t) => {
  const { call, serving } = await openCall(t)
  const writtenBytes = writeForEver(serving)
  call.stdout.once('readable', () => undefined)
  for (let round = 0; round < 50; round += 1) await settle()
  t.ok(writtenBytes() < 2 * laneWindowBytes + laneQueueBytes, `${writtenBytes()} bytes`)
  let readBytes = 0
  call.stdout.on('data', (bytes: Buffer) => (readBytes += bytes.length))
  await until(() => readBytes > 8 * laneWindowBytes)
  call.cancel()
  await until(() => serving.isStopped)
  serving.finish({ kind: 'cancelled', reason: '' })
  t.match(await call.result, { kind: 'cancelled' })
})

test('output that is read late is all there, though the call has long ended', async (t) => {
  const { call, serving } = await openCall(t)
  for (let at = 0; at < laneWindowBytes; at += chunk.length) serving.stdout.write(chunk)
  serving.finish({ kind: 'exited', code: 0 })
  t.same(await call.result, { kind: 'exited', code: 0 })
  const { stdout } = await outcomeOf(call)
  t.equal(stdout.length, laneWindowBytes)
})

test('a program that destroys an output does not hold up the call', async (t) => {
  for (const readFirst of [true, false]) {
    const { call, serving } = await openCall(t)
    const writtenBytes = writeForEver(serving)
    if (readFirst) call.stdout.once('readable', () => undefined)
    for (let round = 0; round < 50; round += 1) await settle()
    call.stdout.destroy()
    await until(() => writtenBytes() > 8 * laneWindowBytes)
    call.cancel()
    await until(() => serving.isStopped)
    serving.finish({ kind: 'cancelled', reason: '' })
    t.match(await call.result, { kind: 'cancelled' }, readFirst ? 'after reading' : 'unread')
  }
})

test('a program may go on writing to a call that has ended', async (t) => {
  const { call, serving } = await openCall(t)
  serving.finish({ kind: 'exited', code: 0 })
  await call.result
  await pipeline(Readable.from(Array.from({ length: 100 }, () => chunk)), call.stdin)
  t.ok(call.stdin.writableFinished)
})

test('a program that waits for room goes on when the call ends', async (t) => {
  const { call, serving } = await openCall(t)
  const carried = pipeline(Readable.from(Array.from({ length: 100 }, () => chunk)), call.stdin)
  for (let round = 0; round < 20; round += 1) await settle()
  t.notOk(call.stdin.writableFinished)
  serving.finish({ kind: 'exited', code: 0 })
  await carried
  t.ok(call.stdin.writableFinished)
})

test('signal() and cancel() reach the serving end', async (t) => {
  const { call, serving } = await openCall(t)
  const heard: string[] = []
  serving.listen({ stop: (cause) => void heard.push(cause), signal: (name) => void heard.push(name) })
  call.signal('SIGUSR1')
  call.cancel()
  await until(() => heard.length === 2)
  t.same(heard, ['SIGUSR1', 'cancelled'])
})
