import { test } from 'tap'
import { settle } from '../fake-clock.js'
import { freshnessMs, heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { decode } from '../wire/decoded.js'
import { FrameType } from '../wire/frame.js'
import type { RunRequest } from '../wire/request.js'
import { sessionPair, until } from './session-pair.js'
import type { Peer, SessionPair } from './session-pair.js'

const run: RunRequest = { ask: 'run', command: 'hello', args: [], hasStdin: false }

/** The types of the frames that a peer has sent from now on. */
function sentTypes(peer: Peer): number[] {
  const types: number[] = []
  peer.channel.tamper = (batch) => {
    types.push(...decode(batch).frames.map(({ type }) => type))
    return batch
  }
  return types
}

/** Stops all that flows between the two, as a paused machine does. */
function pause({ caller, server }: SessionPair): void {
  caller.channel.inner.hold()
  server.channel.inner.hold()
}

function resume({ caller, server }: SessionPair): void {
  caller.channel.inner.release()
  server.channel.inner.release()
}

test('open() sends its request at once when the other side was just heard', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(freshnessMs - 1)
  const types = sentTypes(pair.caller)
  pair.caller.session.open(run)
  await settle()
  t.same(types, [FrameType.request])
  await pair.close()
})

test('open() after a quiet while sends its request behind a sign of life', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(freshnessMs)
  const types = sentTypes(pair.caller)
  const calls = [pair.caller.session.open(run), pair.caller.session.open(run)]
  pair.server.onCall = (call) => call.finish({ kind: 'exited', code: 0 })
  t.same(await Promise.all(calls.map(async ({ result }) => await result)), [
    { kind: 'exited', code: 0 },
    { kind: 'exited', code: 0 },
  ])
  t.same(types, [FrameType.ping, FrameType.request, FrameType.request], 'one question for all who wait')
  await pair.close()
})

test('open() writes no request to a side that gives no sign of life: its calls are lost', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(freshnessMs)
  const { session } = pair.caller
  pause(pair)
  const types = sentTypes(pair.caller)
  const call = session.open(run)
  call.stdin.write(Buffer.from('input'))
  call.stdin.end()
  await pair.clock.advance(heartbeatDeadMs)
  t.same(await call.result, { kind: 'lost', reason: 'the session ended: the other side went silent' })
  t.notOk(types.includes(FrameType.request) || types.includes(FrameType.stdin))
  resume(pair)
  await pair.clock.advance(heartbeatDeadMs)
  t.equal(pair.server.calls.length, 0, 'nothing runs late')
  await pair.close()
})

test('open() keeps the order of calls that wait and calls that need not', async (t) => {
  const pair = await sessionPair()
  await pair.clock.advance(freshnessMs)
  const ids = [1, 2, 3].map(() => pair.caller.session.open(run).id)
  await settle()
  pair.caller.session.open(run)
  await settle()
  t.same(ids, [1, 2, 3])
  t.same(
    pair.server.calls.map(({ id }) => id),
    [1, 2, 3, 4],
  )
  await pair.close()
})

test('a side that falls silent is dead after 15 s, and its calls are lost', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  pair.caller.channel.inner.hold()
  await pair.clock.advance(heartbeatDeadMs - 1)
  t.same(pair.caller.endings, [])
  await pair.clock.advance(1)
  t.same(pair.caller.endings, ['silent'])
  t.same(await call.result, { kind: 'lost', reason: 'the session ended: the other side went silent' })
  t.equal(pair.caller.counters.silences, 1)
  await pair.close()
})

test('a silent caller ends what runs for it', async (t) => {
  const pair = await sessionPair()
  pair.caller.session.open({ ...run, hasStdin: true })
  await settle()
  const told: string[] = []
  pair.server.call.listen({ stop: (cause) => told.push(cause), signal: () => undefined })
  pair.server.call.stdin.receive({ bytes: () => undefined, end: () => told.push('end of input') })
  pair.server.channel.inner.hold()
  await pair.clock.advance(heartbeatDeadMs)
  t.same(pair.server.endings, ['silent'])
  t.same(told, ['lost', 'end of input'], 'stopped first, else it would take its input for whole')
  pair.server.call.finish({ kind: 'exited', code: 0 })
  await pair.close()
})

test('two quiet sides keep their session for ever, with few questions', async (t) => {
  const pair = await sessionPair()
  const types = [sentTypes(pair.caller), sentTypes(pair.server)]
  await pair.clock.advance(60 * 60 * 1_000)
  t.same([pair.caller.endings, pair.server.endings], [[], []])
  const pings = types.flat().filter((type) => type === FrameType.ping).length
  const intervals = (60 * 60 * 1_000) / heartbeatIntervalMs
  t.ok(pings <= 2 * intervals, `${pings} questions`)
  t.ok(types.flat().every((type) => type === FrameType.ping || type === FrameType.pong))
  await pair.close()
})

test('a paused side that comes back in time loses nothing', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  pause(pair)
  await pair.clock.advance(heartbeatDeadMs - 1)
  resume(pair)
  await settle()
  pair.server.call.finish({ kind: 'exited', code: 0 })
  t.same(await call.result, { kind: 'exited', code: 0 })
  t.same([pair.caller.endings, pair.server.endings], [[], []])
  await pair.close()
})

test('close() tells the other side, and loses the calls of both', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  const told: string[] = []
  pair.server.call.listen({ stop: (cause) => told.push(cause), signal: () => undefined })
  pair.caller.session.close()
  t.same(await call.result, { kind: 'lost', reason: 'the session ended: the other side is stopping' })
  await settle()
  t.same([pair.caller.endings, pair.server.endings], [['closing'], ['closing']])
  t.same(told, ['lost'])
  await pair.close()
})

test('close() of either peer gives `closing` to the other, ends the channel and leaves no timer', async (t) => {
  for (const closing of ['caller', 'server'] as const) {
    const pair = await sessionPair()
    const other = closing === 'caller' ? pair.server : pair.caller
    pair[closing].endpoint.close()
    await settle()
    t.same(other.endings, ['closing'], closing)
    t.same([pair.caller.closedCount, pair.server.closedCount], [1, 1])
    t.same([pair.caller.endpoint.state, pair.server.endpoint.state], ['closed', 'closed'])
    t.equal(pair.clock.timerCount, 0)
    await pair.close()
  }
})

test('a channel that breaks loses the calls and leaves no timer', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open({ ...run, timeoutMs: 60_000 })
  await settle()
  pair.caller.channel.inner.close()
  t.same(await call.result, { kind: 'lost', reason: 'the session ended: the channel was closed' })
  await settle()
  t.same([pair.caller.endings, pair.server.endings], [['channel-closed'], ['channel-closed']])
  t.equal(pair.clock.timerCount, 0)
})

/** Lets the caller's channel take nothing more, as a port does whose machine stands still. */
function fill({ caller, server }: SessionPair): void {
  server.channel.inner.hold()
  caller.session.open({ ...run, args: ['x'.repeat(20_000)] })
}

test('a request that waited for room tells what is left of its time', async (t) => {
  const pair = await sessionPair({ capacityBytes: 1000 })
  fill(pair)
  await settle()
  pair.caller.session.open({ ...run, command: 'late', timeoutMs: 3000 })
  await pair.clock.advance(600)
  pair.server.channel.inner.release()
  await until(() => pair.server.calls.length === 2)
  t.match(pair.server.call.request, { command: 'late', timeoutMs: 2400 })
  await pair.close()
})

test('a request whose time was over before there was room is never sent, nor anything of its call', async (t) => {
  const pair = await sessionPair({ capacityBytes: 1000 })
  fill(pair)
  await settle()
  const late = pair.caller.session.open({ ...run, command: 'late', timeoutMs: 400, hasStdin: true })
  late.stdin.write(Buffer.from('input'))
  late.signal('SIGHUP')
  await pair.clock.advance(600)
  pair.server.channel.inner.release()
  t.match(await late.result, { kind: 'timed-out', reason: /before it could be sent/ })
  const next = pair.caller.session.open({ ...run, command: 'next' })
  await until(() => pair.server.calls.length === 2)
  t.match(pair.server.call.request, { command: 'next' })
  pair.server.call.finish({ kind: 'exited', code: 0 })
  t.match(await next.result, { kind: 'exited' })
  t.same([pair.caller.endings, pair.server.endings], [[], []])
  await pair.close()
})

test('cancel() of a call whose request waits for room ends it at once, and it is never sent', async (t) => {
  const pair = await sessionPair({ capacityBytes: 1000 })
  fill(pair)
  await settle()
  const left = pair.caller.session.open({ ...run, command: 'left' })
  left.cancel()
  t.match(await left.result, { kind: 'cancelled' })
  pair.server.channel.inner.release()
  pair.caller.session.open({ ...run, command: 'next' })
  await until(() => pair.server.calls.length === 2)
  t.match(pair.server.call.request, { command: 'next' })
  await pair.close()
})
