import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { controlQueueBytesMax, laneWindowBytes, sessionHeldBytesMax, withheldMs } from '../limits.js'
import { encodeFrame } from '../wire/encode.js'
import { FrameType, maySend } from '../wire/frame.js'
import { encodeOpening } from '../wire/hello.js'
import { decodeEnd, encodeCredit, encodePing } from '../wire/message.js'
import { encodeRequest } from '../wire/request.js'
import { ScriptedPeer } from './scripted-peer.js'
import { localHello, Peer, until } from './session-pair.js'

const epoch = '0123456789abcdef'
const request = encodeRequest({ ask: 'run', command: 'hello', args: [], hasStdin: true })

interface Scene {
  readonly server: Peer
  readonly rogue: ScriptedPeer
  readonly clock: FakeClock
  /** Stops and begins to read what the server says. */
  readonly reads: (isReading: boolean) => void
}

/** A real server with a session, before a caller that floods it. */
async function scene(): Promise<Scene> {
  const clock = new FakeClock()
  const { left, right } = pairedChannels({ capacityBytes: 64 * 1024 })
  const server = new Peer({ role: 'server', channel: right, clock })
  server.endpoint.start()
  const rogue = new ScriptedPeer(left)
  rogue.open(epoch)
  await settle()
  rogue.join(epoch)
  return { server, rogue, clock, reads: (isReading) => (isReading ? left.release() : left.hold()) }
}

function epochOf(number: number): string {
  return number.toString(16).padStart(16, '0')
}

test('maySend() lets each role send its own types and no other of all 256', (t) => {
  const typesOf = (role: 'caller' | 'server'): readonly number[] =>
    Array.from({ length: 256 }, (_, type) => type).filter((type) => maySend(role, type))
  t.same(typesOf('caller'), [0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x30])
  t.same(typesOf('server'), [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x20, 0x21, 0x22, 0x30])
  t.end()
})

test('a caller that sends any type that is not its own loses its session, on a stream or not', async (t) => {
  const { server, rogue } = await scene()
  let sessionCount = 1
  for (let type = 0; type < 256; type += 1) {
    if (maySend('caller', type)) continue
    for (const stream of [0, 1]) {
      rogue.send(FrameType.request, { stream: 1, payload: request })
      rogue.send(type, { stream })
      await settle()
      t.equal(server.endings.length, sessionCount, `type ${type}`)
      t.equal(server.endings.at(-1), 'protocol-error')
      rogue.open(epochOf(type * 2 + stream))
      await settle()
      rogue.join(epochOf(type * 2 + stream))
      sessionCount += 1
    }
  }
  server.endpoint.close()
})

test('a PING of another length than its own loses its session, and is not echoed', async (t) => {
  const { server, rogue } = await scene()
  rogue.send(FrameType.ping, { payload: Buffer.alloc(30_000) })
  await settle()
  t.same(server.endings, ['protocol-error'])
  t.equal(rogue.framesOf(FrameType.pong).length, 0)
  server.endpoint.close()
})

test('a flood of PINGs is answered, and ends the session of whoever does not read the answers', async (t) => {
  const { server, rogue, reads } = await scene()
  for (let ping = 0; ping < 5_000; ping += 1) rogue.send(FrameType.ping, { payload: encodePing(ping) })
  await until(() => rogue.framesOf(FrameType.pong).length === 5_000)
  t.same(server.endings, [])
  reads(false)
  const enough = Math.ceil((controlQueueBytesMax + 256 * 1024) / 32)
  for (let ping = 0; ping < enough; ping += 1) {
    rogue.send(FrameType.ping, { payload: encodePing(ping) })
    if (ping % 1_000 === 0) await settle()
  }
  await until(() => server.endings.length > 0)
  t.same(server.endings, ['not-reading'])
  reads(true)
  server.endpoint.close()
})

test('a flood of openings leaves one session, no timer, and no answers that nobody reads', async (t) => {
  const { server, rogue, clock, reads } = await scene()
  const timerCount = clock.timerCount
  for (let number = 0; number < 2_000; number += 1) rogue.open(epochOf(number))
  await until(() => server.endpoint.session?.remote.epoch === epochOf(1_999))
  t.equal(server.sessions.filter(({ ended }) => ended === undefined).length, 1)
  t.equal(clock.timerCount, timerCount)
  reads(false)
  await settle()
  const before = server.sessions.length
  for (let number = 0; number < 2_000; number += 1) rogue.open(epochOf(10_000 + number))
  await settle()
  const answered = server.sessions.length - before
  t.ok(answered < 500, `${answered} openings were answered although nobody reads`)
  reads(true)
  await until(() => server.endpoint.session?.remote.epoch === epochOf(11_999))
  t.pass('the newest opening is answered once somebody reads')
  server.endpoint.close()
})

test('calls that are opened and cancelled for ever leave nothing behind', async (t) => {
  const { server, rogue } = await scene()
  server.onCall = (call) =>
    call.listen({ stop: () => call.finish({ kind: 'cancelled', reason: 'x' }), signal: () => undefined })
  const callCount = 10_000
  for (let stream = 1; stream <= callCount; stream += 1) {
    rogue.send(FrameType.request, { stream, payload: request })
    rogue.send(FrameType.stdin, { stream, payload: 'input' })
    rogue.send(FrameType.cancel, { stream })
    rogue.send(FrameType.stdin, { stream, payload: 'for a call that is over' })
  }
  await until(() => rogue.framesOf(FrameType.result).length === callCount)
  t.same(server.endings, [])
  t.equal(server.session.callCount, 0)
  server.endpoint.close()
})

test('CREDIT of the greatest number ends the session, whatever it would come to', async (t) => {
  const { server, rogue } = await scene()
  rogue.send(FrameType.request, { stream: 1, payload: request })
  for (let grant = 0; grant < 3; grant += 1) {
    const payload = encodeCredit({ lane: FrameType.stdout, byteCount: 0xffffffff })
    rogue.send(FrameType.credit, { stream: 1, payload })
  }
  await settle()
  t.same(server.endings, ['protocol-error'])
  server.endpoint.close()
})

test('frames of sessions that are over are counted, and answered once in a while only', async (t) => {
  const { server, rogue } = await scene()
  const old = rogue.session
  rogue.open(epochOf(1))
  await settle()
  for (let number = 0; number < 1_000; number += 1)
    rogue.send(FrameType.request, {
      stream: number + 1,
      payload: request,
      sequence: number & 0xff,
      session: old,
    })
  await settle()
  t.equal(server.counters.strayFrames, 1_000)
  t.equal(server.calls.length, 0)
  t.same(
    rogue.framesOf(FrameType.end).map(({ payload }) => decodeEnd(payload)),
    ['unknown-session'],
  )
  server.endpoint.close()
})

test('an opening that says too much of itself is none', async (t) => {
  const { server, rogue } = await scene()
  const hello = {
    ...localHello('caller'),
    epoch: epochOf(7),
    features: Array.from({ length: 5_000 }, () => 'x'),
  }
  rogue.write(encodeOpening(hello))
  await settle()
  t.equal(server.sessions.length, 1)
  const session = { high: 0, low: 7 }
  rogue.write(encodeFrame({ type: FrameType.ping, sequence: 0, stream: 0, session, payload: encodePing(1) }))
  await settle()
  t.equal(server.counters.strayFrames, 1)
  server.endpoint.close()
})

test('what the lanes of a session hold together is bounded, whatever their windows come to', async (t) => {
  const { server, rogue, clock } = await scene()
  const timerCount = clock.timerCount
  const payload = Buffer.alloc(laneWindowBytes / 16, 'x')
  const streamCount = sessionHeldBytesMax / laneWindowBytes
  const fill = async (stream: number): Promise<void> => {
    rogue.send(FrameType.request, { stream, payload: request })
    for (let frame = 0; frame < 16; frame += 1) rogue.send(FrameType.stdin, { stream, payload })
    await settle()
  }
  for (let stream = 1; stream <= streamCount + 1; stream += 1) await fill(stream)
  const acknowledged = rogue.framesOf(FrameType.received).length
  for (let stream = streamCount + 2; stream <= streamCount + 4; stream += 1) await fill(stream)
  t.same(server.endings, [], 'a megabyte may be on its way')
  t.ok(rogue.framesOf(FrameType.received).length <= acknowledged + 1, 'and is not acknowledged')
  for (const call of server.calls.slice(0, 20)) call.stdin.discard()
  await clock.advance(withheldMs)
  t.ok(rogue.framesOf(FrameType.received).length > acknowledged, 'until some of it has left memory')
  for (let stream = streamCount + 5; stream <= streamCount + 40; stream += 1) await fill(stream)
  t.same(server.endings, ['protocol-error'], 'who goes on all the same loses the session')
  t.ok(clock.timerCount <= timerCount)
  server.endpoint.close()
})
