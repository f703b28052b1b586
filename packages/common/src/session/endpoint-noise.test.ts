import { randomBytes } from 'node:crypto'
import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { fragmentPatienceMs, heartbeatIntervalMs, reconnectMinMs } from '../limits.js'
import { encodeFrame } from '../wire/encode.js'
import { FrameType } from '../wire/frame.js'
import { encodeOpening } from '../wire/hello.js'
import { decodeEnd, encodePing } from '../wire/message.js'
import { encodeRequest } from '../wire/request.js'
import type { RunRequest } from '../wire/request.js'
import { ScriptedPeer } from './scripted-peer.js'
import { localHello, Peer, sessionPair, SessionPair } from './session-pair.js'

const run: RunRequest = { ask: 'run', command: 'hello', args: [], hasStdin: false }
const noise = Buffer.concat([
  Buffer.from('login: \n70\n{"args": ["hello"], "method"'),
  Buffer.alloc(3_000, 0xf5),
  randomBytes(50),
  // A last byte that a marker begins with would be kept for what may follow it.
  Buffer.from('.'),
])

test('garbage before the handshake costs only its bytes', async (t) => {
  const pair = new SessionPair()
  pair.caller.channel.inner.write(noise)
  pair.server.channel.inner.write(noise)
  await pair.start()
  t.same([pair.caller.endpoint.state, pair.server.endpoint.state], ['ready', 'ready'])
  t.same([pair.caller.counters.garbageBytes, pair.server.counters.garbageBytes], [noise.length, noise.length])
  await pair.close()
})

test('garbage between frames costs only its bytes', async (t) => {
  const pair = await sessionPair()
  for (const { channel } of [pair.caller, pair.server])
    channel.tamper = (batch) => Buffer.concat([noise, batch, noise])
  pair.server.onCall = (call) => {
    call.stdout.write(Buffer.from('output'))
    call.finish({ kind: 'exited', code: 0 })
  }
  const call = pair.caller.session.open(run)
  t.same(await call.result, { kind: 'exited', code: 0 })
  t.same([pair.caller.endings, pair.server.endings], [[], []])
  t.equal(pair.server.counters.garbageBytes, 2 * noise.length)
  await pair.close()
})

test('a fragment of an older session before the opening costs only its bytes', async (t) => {
  const session = { high: 1, low: 2 }
  const old = encodeFrame({
    type: FrameType.stdin,
    sequence: 3,
    stream: 1,
    session,
    payload: Buffer.alloc(20_000, 'x'),
  })
  for (const fragment of [
    old.subarray(0, 10_000),
    old.subarray(10_000),
    old.subarray(0, 20),
    old.subarray(0, 3),
  ]) {
    const pair = new SessionPair()
    pair.caller.channel.inner.write(fragment)
    pair.server.channel.inner.write(fragment)
    await pair.start()
    t.same(
      [pair.caller.endpoint.state, pair.server.endpoint.state],
      ['ready', 'ready'],
      `${fragment.length} bytes`,
    )
    await pair.close()
  }
})

test('frames of another epoch are dropped and counted, and nothing of them is run', async (t) => {
  const pair = await sessionPair()
  const session = { high: 1, low: 2 }
  const stray = encodeFrame({
    type: FrameType.request,
    sequence: 0,
    stream: 1,
    session,
    payload: encodeRequest(run),
  })
  pair.caller.channel.inner.write(Buffer.concat([stray, stray, stray]))
  await settle()
  t.equal(pair.server.calls.length, 0)
  t.equal(pair.server.counters.strayFrames, 3)
  t.equal(pair.caller.counters.strayFrames, 1, 'its sender is told, once in a while')
  t.same([pair.caller.endings, pair.server.endings], [[], []])
  t.equal(await pair.caller.session.ping(), 0)
  await pair.close()
})

test('a lost batch ends the session as `frames-lost`, and its calls as `lost`', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open(run)
  await settle()
  const told: string[] = []
  pair.server.call.listen({ stop: (cause) => told.push(cause), signal: () => undefined })
  pair.caller.channel.loseNext()
  call.signal('SIGUSR1')
  await settle()
  call.signal('SIGUSR2')
  t.same(await call.result, { kind: 'lost', reason: 'the session ended: frames were lost on the way' })
  t.same([pair.caller.endings, pair.server.endings], [['frames-lost'], ['frames-lost']])
  t.same(told, ['lost'])
  await pair.clock.advance(reconnectMinMs)
  t.equal(pair.caller.endpoint.state, 'ready', 'and another session follows')
  await pair.close()
})

test('a lost batch behind which nothing comes is noticed by the heartbeat', async (t) => {
  const pair = await sessionPair()
  pair.caller.channel.loseNext()
  const call = pair.caller.session.open(run)
  await settle()
  await pair.clock.advance(2 * heartbeatIntervalMs)
  t.match(await call.result, { kind: 'lost' })
  t.equal(pair.server.calls.length, 0)
  await pair.close()
})

test('a server that was restarted in an open channel gets a new session, and the old calls are lost', async (t) => {
  const pair = await sessionPair()
  const call = pair.caller.session.open({ ...run, hasStdin: true })
  await settle()
  // The old daemon is dead: it says nothing more, and what comes is read by the new one.
  pair.server.channel.tamper = () => Buffer.alloc(0)
  const restarted = new Peer({ role: 'server', clock: pair.clock, channel: pair.server.channel.inner })
  restarted.endpoint.start()
  const late = pair.caller.session.open(run)
  await settle()
  for (const { result } of [call, late]) {
    t.same(await result, { kind: 'lost', reason: 'the session ended: the other side was restarted' })
  }
  t.same(pair.caller.endings, ['unknown-session'])
  await pair.clock.advance(reconnectMinMs)
  t.same([pair.caller.sessions.length, restarted.sessions.length], [2, 1])
  t.same(pair.caller.session.name, restarted.session.name)
  t.equal(restarted.calls.length, 0, 'nothing of the old session runs in the new one')
  await pair.close()
})

test('a server without a session answers PING and REQUEST of an old one with END, and runs nothing', async (t) => {
  const clock = new FakeClock()
  const { left, right } = pairedChannels()
  const server = new Peer({ role: 'server', clock, channel: right })
  const script = new ScriptedPeer(left)
  server.endpoint.start()
  const session = { high: 0x11111111, low: 0x22222222 }
  const ends = (): unknown[] =>
    script.framesOf(FrameType.end).map((frame) => [frame.session, decodeEnd(frame.payload)])
  const end = [session, 'unknown-session']
  script.send(FrameType.stdin, { session, stream: 1, payload: 'x' })
  await settle()
  t.same(ends(), [], 'not each frame, for there may be thousands')
  script.send(FrameType.request, { session, stream: 2, payload: encodeRequest(run) })
  await settle()
  t.same(ends(), [end])
  script.send(FrameType.ping, { session, payload: encodePing(1) })
  await settle()
  t.same(ends(), [end])
  await clock.advance(reconnectMinMs)
  script.send(FrameType.ping, { session, payload: encodePing(1) })
  await settle()
  t.same(ends(), [end, end])
  t.equal(server.calls.length, 0)
  t.equal(server.counters.strayFrames, 4)
  server.endpoint.close()
})

test('a server that was restarted under its caller: the bytes of the old session run nothing', async (t) => {
  const pair = await sessionPair()
  const written: Buffer[] = []
  pair.caller.channel.tamper = (batch) => {
    written.push(Buffer.from(batch))
    return Buffer.alloc(0)
  }
  const call = pair.caller.session.open(run)
  // The request leaves at the end of this turn.
  await Promise.resolve()
  call.cancel()
  await settle()
  // The same bytes, read late by a new daemon.
  const { left, right } = pairedChannels()
  const restarted = new Peer({ role: 'server', clock: pair.clock, channel: right })
  left.write(
    Buffer.concat([...written, encodeOpening({ ...localHello('caller'), epoch: '00000000000000cc' })]),
  )
  restarted.endpoint.start()
  await settle()
  t.equal(restarted.calls.length, 0)
  t.equal(restarted.counters.strayFrames, 2)
  t.equal(restarted.sessions.length, 1)
  restarted.endpoint.close()
  await pair.close()
})

test('an opening from another world is logged and forgotten', async (t) => {
  const { left, right } = pairedChannels()
  const server = new Peer({ role: 'server', clock: new FakeClock(), channel: right })
  server.endpoint.start()
  left.write(encodeOpening({ ...localHello('caller'), epoch: 'not an epoch' }))
  await settle()
  t.same([server.sessions.length, server.endpoint.state], [0, 'idle'])
  left.write(encodeOpening({ ...localHello('caller'), epoch: '00000000000000cc' }))
  await settle()
  t.equal(server.endpoint.state, 'ready')
  server.endpoint.close()
})

test('without a session a fragment is waited for a second, then what stands behind it is handed over', async (t) => {
  const { left, right } = pairedChannels()
  const clock = new FakeClock()
  const peer = new Peer({ role: 'server', channel: right, clock })
  left.start({ bytes: () => undefined, drained: () => undefined, closed: () => undefined })
  peer.endpoint.start()
  const session = { high: 1, low: 2 }
  const frame = encodeFrame({
    type: FrameType.stdin,
    sequence: 0,
    stream: 1,
    session,
    payload: Buffer.alloc(500),
  })
  left.write(Buffer.concat([frame.subarray(0, 100), Buffer.from('70\n{"args": ')]))
  await settle()
  t.equal(Buffer.concat(peer.foreign).length, 0)
  await clock.advance(fragmentPatienceMs)
  t.ok(Buffer.concat(peer.foreign).includes('70\n{"args": '))
  peer.endpoint.close()
  await settle()
  t.equal(clock.timerCount, 0)
})
