import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { callsPerGuestMax, laneQueueBytes, laneWindowBytes } from '../limits.js'
import type { CallingStream } from '../session/calling-stream.js'
import type { ServingStream } from '../session/serving-stream.js'
import { readLane, sessionPair, until } from '../session/session-pair.js'
import type { SessionPair } from '../session/session-pair.js'
import type { Teardown } from '../test-folder.js'
import type { Peer } from './peer.js'
import { relayCall } from './pump.js'
import { servedPair } from './test-calls.js'

const request = { ask: 'run', command: 'any', args: ['one'], hasStdin: true } as const

/** A call that one daemon relays: its caller in the first session, its command in the second. */
async function relayedCall(test: Teardown): Promise<{
  first: SessionPair
  second: SessionPair
  calling: CallingStream
  serving: ServingStream
}> {
  const [first, second] = [await sessionPair(), await sessionPair()]
  test.teardown(async () => await Promise.all([first.close(), second.close()]))
  first.server.onCall = (stream) => {
    if (stream.request.ask === 'run') relayCall(stream, second.caller.session.open(stream.request))
  }
  const calling = first.caller.session.open(request)
  await until(() => second.server.calls.length > 0)
  return { first, second, calling, serving: second.server.call }
}

test('a relayed call arrives as it was made', async (t) => {
  const { serving } = await relayedCall(t)
  t.match(serving.request, request)
})

test('a relayed call carries bytes both ways, and its one result behind them', async (t) => {
  const { calling, serving } = await relayedCall(t)
  const [stdin, stdout, stderr] = [
    readLane(serving.stdin),
    readLane(calling.stdout),
    readLane(calling.stderr),
  ]
  calling.stdin.write(Buffer.from('in'))
  calling.stdin.end()
  await until(() => stdin.isEnded)
  t.equal(stdin.text, 'in')
  serving.stdout.write(Buffer.from('out'))
  serving.stderr.write(Buffer.from('err'))
  serving.finish({ kind: 'exited', code: 3 })
  t.same(await calling.result, { kind: 'exited', code: 3 })
  t.same(
    [stdout, stderr],
    [
      { text: 'out', isEnded: true },
      { text: 'err', isEnded: true },
    ],
  )
})

test('a relayed call holds no more than its two windows for a reader that never reads', async (t) => {
  const { calling, serving } = await relayedCall(t)
  let writtenBytes = 0
  const write = (): void => {
    do writtenBytes += 16_384
    while (serving.stdout.write(Buffer.alloc(16_384)))
  }
  serving.stdout.onDrained = write
  write()
  for (let before = -1; before !== writtenBytes;) {
    before = writtenBytes
    await settle()
  }
  const roomBytes = 2 * (laneWindowBytes + laneQueueBytes)
  t.ok(writtenBytes <= roomBytes + 65_536, `${writtenBytes} of ${roomBytes}`)
  const read = readLane(calling.stdout)
  await until(() => read.text.length > 4 * roomBytes)
  t.pass('and goes on once it does')
  serving.stdout.onDrained = () => undefined
})

test('a caller that leaves cancels the relayed call, and gets its result', async (t) => {
  const { calling, serving } = await relayedCall(t)
  const causes: string[] = []
  serving.listen({ stop: (cause) => void causes.push(cause), signal: () => undefined })
  calling.cancel()
  await until(() => causes.length > 0)
  serving.finish({ kind: 'cancelled', reason: 'the caller left' })
  t.same(await calling.result, { kind: 'cancelled', reason: 'the caller left' })
  t.same(causes, ['cancelled'])
})

test('a caller that is lost cancels the relayed call', async (t) => {
  const { first, serving, second } = await relayedCall(t)
  const causes: string[] = []
  serving.listen({ stop: (cause) => void causes.push(cause), signal: () => undefined })
  first.caller.channel.close()
  await until(() => causes.length > 0)
  t.same(causes, ['cancelled'])
  serving.finish({ kind: 'cancelled', reason: '' })
  await until(() => second.caller.session.callCount === 0)
})

test('a signal reaches the relayed call', async (t) => {
  const { calling, serving } = await relayedCall(t)
  const signals: string[] = []
  serving.listen({ stop: () => undefined, signal: (name) => void signals.push(name) })
  calling.signal('SIGHUP')
  await until(() => signals.length > 0)
  t.same(signals, ['SIGHUP'])
})

test('a relayed call ends as lost when the session behind it ends', async (t) => {
  const { calling, second, first } = await relayedCall(t)
  second.server.channel.close()
  t.match(await calling.result, { kind: 'lost' })
  t.equal(first.server.session.callCount, 0)
  t.equal(first.caller.session.ended, undefined, "the caller's own session lives on")
})

test('a call that waited in line before it is passed on has only what is left of its time', async (t) => {
  const beyond = await sessionPair()
  t.teardown(async () => await beyond.close())
  const open: Peer['open'] = (asked) => beyond.caller.session.open(asked)
  const db: Partial<Peer> = { name: 'db', state: 'ready', open }
  const { pair, run } = await servedPair(t, { caller: { kind: 'guest', name: 'web1' }, peers: [db as Peer] })
  for (let count = 0; count < callsPerGuestMax; count += 1) run({ command: 'long', target: 'db' })
  run({ command: 'next', target: 'db', timeoutMs: 3000 })
  run({ command: 'late', target: 'db', timeoutMs: 400 })
  await until(() => beyond.server.calls.length === callsPerGuestMax)
  await pair.clock.advance(600)
  beyond.server.call.finish({ kind: 'exited', code: 0 })
  await until(() => beyond.server.calls.length > callsPerGuestMax)
  t.match(beyond.server.call.request, { command: 'next', timeoutMs: 2400 })
  beyond.server.call.finish({ kind: 'exited', code: 0 })
  await settle()
  t.equal(beyond.server.calls.length, callsPerGuestMax + 1, 'nobody is asked for what came too late')
})
