import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { heartbeatDeadMs, openRetryMaxMs, reconnectMinMs, refusedRetryMs } from '../limits.js'
import { FrameType, isSameSession, mayNameSession } from '../wire/frame.js'
import { epochName } from '../wire/hello.js'
import { encodePing } from '../wire/message.js'
import { ScriptedPeer } from './scripted-peer.js'
import { Peer, sessionPair, SessionPair } from './session-pair.js'

const [epochA, epochB] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb']

/** A real peer before one that follows a script. */
function before(role: 'caller' | 'server'): { peer: Peer; script: ScriptedPeer; clock: FakeClock } {
  const clock = new FakeClock()
  const { left, right } = pairedChannels()
  const peer = new Peer({ role, clock, channel: left })
  const script = new ScriptedPeer(right)
  peer.endpoint.start()
  return { peer, script, clock }
}

test('start() leads two peers to one session of the same name, each knowing the other', async (t) => {
  const pair = await sessionPair()
  const { caller, server } = pair
  t.same([caller.sessions.length, server.sessions.length], [1, 1])
  t.same(caller.session.name, server.session.name)
  t.same([caller.session.remote.name, server.session.remote.name], ['server', 'caller'])
  t.same([caller.endpoint.state, server.endpoint.state], ['ready', 'ready'])
  t.equal(caller.endpoint.session, caller.session)
  t.same([caller.counters.garbageBytes, server.counters.garbageBytes], [0, 0])
  t.same([caller.counters.strayFrames, server.counters.strayFrames], [0, 0])
  await pair.close()
})

test('start() of a server says nothing before it is spoken to', async (t) => {
  const { peer, script, clock } = before('server')
  await clock.advance(60_000)
  t.equal(peer.counters.bytesSent, 0)
  t.equal(script.heard.frames.length + script.heard.skippedBytes, 0)
  t.equal(clock.timerCount, 0)
  peer.endpoint.close()
})

test('a caller repeats the same opening until it is answered, ever more seldom', async (t) => {
  const { peer, script, clock } = before('caller')
  const counts: number[] = []
  for (let second = 0; second <= 20; second += 1) {
    await settle()
    counts.push(script.heard.openings.length)
    await clock.advance(1_000)
  }
  const seconds = counts.flatMap((count, second) => (count > (counts[second - 1] ?? 0) ? [second] : []))
  t.same(seconds, [0, 1, 3, 7, 12, 17])
  t.equal(new Set(script.heard.openings.map(({ epoch }) => epoch)).size, 1)
  script.answer(epochB)
  await settle()
  t.equal(peer.endpoint.state, 'ready')
  const countWhenReady = script.heard.openings.length
  await clock.advance(openRetryMaxMs + 1)
  t.equal(script.heard.openings.length, countWhenReady, 'and then no more')
  peer.endpoint.close()
})

test('many openings read at once make one session', async (t) => {
  const pair = new SessionPair()
  pair.server.channel.inner.hold()
  await pair.start()
  await pair.clock.advance(30_000)
  pair.server.channel.inner.release()
  await settle()
  t.same([pair.caller.sessions.length, pair.server.sessions.length], [1, 1])
  t.same(pair.caller.session.name, pair.server.session.name)
  t.same([pair.caller.endings, pair.server.endings], [[], []])
  await pair.close()
})

test('an opening that arrives again is answered again and changes nothing', async (t) => {
  const { peer, script } = before('server')
  script.open(epochA)
  script.open(epochA)
  await settle()
  t.equal(peer.sessions.length, 1)
  const [first, second] = script.framesOf(FrameType.hello)
  t.same(first, second)
  t.same(peer.endings, [])
  peer.endpoint.close()
})

test('the newest epoch wins', async (t) => {
  const { peer, script } = before('server')
  script.open(epochA)
  await settle()
  script.join(epochA)
  script.open(epochB)
  await settle()
  t.same(peer.endings, ['replaced'])
  t.equal(peer.sessions.length, 2)
  script.send(FrameType.ping, { payload: encodePing(1) })
  await settle()
  t.same(
    [script.framesOf(FrameType.pong).length, peer.counters.strayFrames],
    [0, 1],
    'the old session is over',
  )
  script.join(epochB)
  script.send(FrameType.ping, { payload: encodePing(2) })
  await settle()
  t.equal(script.framesOf(FrameType.pong).length, 1)
  peer.endpoint.close()
})

test('a caller takes no opening, and no answer to somebody else', async (t) => {
  const { peer, script } = before('caller')
  await settle()
  script.open(epochA)
  script.send(FrameType.hello, { session: epochName(epochA), sequence: 0, payload: '{}' })
  await settle()
  t.equal(peer.endpoint.state, 'opening')
  t.equal(peer.counters.strayFrames, 1)
  const session = epochName(script.heard.openings[0]?.epoch ?? '')
  script.send(FrameType.hello, { session, sequence: 0, payload: 'garbage' })
  await settle()
  t.equal(peer.endpoint.state, 'opening', 'nor one that it cannot read')
  script.answer(epochB)
  script.answer(epochB)
  await settle()
  t.same([peer.endpoint.state, peer.sessions.length], ['ready', 1])
  peer.endpoint.close()
})

test('two peers without a common version are both told, and try again after 30 s', async (t) => {
  const pair = new SessionPair({ callerVersions: { min: 1, max: 2 }, serverVersions: { min: 3, max: 4 } })
  await pair.start()
  t.match(pair.caller.refusals, [{ name: 'server', versions: { min: 3, max: 4 } }])
  t.match(pair.server.refusals, [{ name: 'caller', versions: { min: 1, max: 2 } }])
  t.same([pair.caller.sessions.length, pair.server.sessions.length], [0, 0])
  t.same([pair.caller.endpoint.state, pair.server.endpoint.state], ['refused', 'idle'])
  await pair.clock.advance(refusedRetryMs - 1)
  t.equal(pair.caller.refusals.length, 1)
  await pair.clock.advance(1)
  t.same([pair.caller.refusals.length, pair.server.refusals.length], [2, 2])
  await pair.close()
})

test('a caller refuses a server that claims a common version and has none', async (t) => {
  const clock = new FakeClock()
  const { left, right } = pairedChannels()
  const peer = new Peer({ role: 'caller', clock, channel: left, versions: { min: 7, max: 9 } })
  const script = new ScriptedPeer(right)
  peer.endpoint.start()
  await settle()
  script.answer(epochB)
  await settle()
  t.same([peer.endpoint.state, peer.refusals.length, peer.sessions.length], ['refused', 1, 0])
  peer.endpoint.close()
})

test('a server that is upgraded while it lives ends the session of the caller it refuses', async (t) => {
  const { peer, script } = before('server')
  script.open(epochA)
  await settle()
  script.open(epochB, { min: 5, max: 5 })
  await settle()
  t.same([peer.endings, peer.refusals.length, peer.endpoint.state], [['replaced'], 1, 'idle'])
  t.ok(isSameSession(script.framesOf(FrameType.refuse)[0]?.session ?? { high: 0, low: 0 }, epochName(epochB)))
  peer.endpoint.close()
})

test('a server names its sessions so that no payload completes a marker', async (t) => {
  const { peer, script } = before('server')
  for (let count = 0; count < 300; count += 1) {
    script.open(count.toString(16).padStart(16, '0'))
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await settle()
  t.equal(peer.sessions.length, 300)
  t.ok(peer.sessions.every(({ name }) => mayNameSession(name)))
  t.equal(new Set(peer.sessions.map(({ name }) => `${name.high} ${name.low}`)).size, 300)
  peer.endpoint.close()
})

test('replace() of a caller begins a new session', async (t) => {
  const pair = await sessionPair()
  const { caller, server } = pair
  caller.endpoint.replace()
  caller.endpoint.replace()
  t.same(caller.endings, ['replaced'])
  await pair.clock.advance(reconnectMinMs)
  t.same([caller.sessions.length, server.sessions.length, server.endings], [2, 2, ['replaced']])
  t.same(caller.session.name, server.session.name)
  await pair.close()
})

test('a session that fell silent is followed by another when the other side comes back', async (t) => {
  const pair = await sessionPair()
  for (const peer of [pair.caller, pair.server]) peer.channel.inner.hold()
  await pair.clock.advance(heartbeatDeadMs + 60_000)
  t.same([pair.caller.endings, pair.server.endings], [['silent'], ['silent']])
  for (const peer of [pair.caller, pair.server]) peer.channel.inner.release()
  await pair.clock.advance(openRetryMaxMs)
  t.same(pair.caller.session.name, pair.server.session.name)
  t.same([pair.caller.endpoint.state, pair.server.endpoint.state], ['ready', 'ready'])
  t.equal(await pair.caller.session.ping(), 0)
  await pair.close()
})

test('a caller writes no opening into a channel that is full', async (t) => {
  const pair = new SessionPair({ capacityBytes: 1 })
  pair.server.channel.inner.hold()
  await pair.start()
  let writeCount = 0
  pair.caller.channel.tamper = (batch) => {
    writeCount += 1
    return batch
  }
  await pair.clock.advance(60_000)
  t.equal(writeCount, 0)
  pair.server.channel.inner.release()
  await pair.clock.advance(openRetryMaxMs)
  t.equal(pair.caller.endpoint.state, 'ready')
  await pair.close()
})
