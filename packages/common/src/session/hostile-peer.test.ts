import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { controlQueueBytesMax, inFlightBytesMax, openRetryMaxMs } from '../limits.js'
import { FrameType, maySend } from '../wire/frame.js'
import type { Role } from '../wire/frame.js'
import { encodeCredit, encodeEnd, encodePing, encodeReceived } from '../wire/message.js'
import { encodeRequest } from '../wire/request.js'
import { encodeResult } from '../wire/result.js'
import { LaneReader } from './lane-reader.js'
import { Outbox } from './outbox.js'
import { ScriptedPeer } from './scripted-peer.js'
import { newCounters } from './counters.js'
import { LaneWriter } from './lane-writer.js'
import { Peer, until } from './session-pair.js'

const epoch = '0123456789abcdef'
const request = encodeRequest({ ask: 'run', command: 'hello', args: [], hasStdin: true })

interface Scene {
  readonly victim: Peer
  readonly rogue: ScriptedPeer
  readonly clock: FakeClock
  /** The victim's end of what the rogue would have to read. */
  readonly stopReading: () => void
  readonly read: () => void
}

async function scene(victimRole: Role): Promise<Scene> {
  const clock = new FakeClock()
  const { left, right } = pairedChannels({ capacityBytes: 64 * 1024 })
  const rogue = new ScriptedPeer(left)
  const victim = new Peer({ role: victimRole, channel: right, clock })
  victim.endpoint.start()
  if (victimRole === 'server') rogue.open(epoch)
  await settle()
  if (victimRole === 'server') rogue.join(epoch)
  else rogue.answer(epoch)
  await settle()
  return { victim, rogue, clock, stopReading: () => left.hold(), read: () => left.release() }
}

/** A payload with which a frame of the type would be taken where it belongs. */
const rightPayloads: ReadonlyMap<number, Buffer> = new Map([
  [FrameType.end, encodeEnd('closing')],
  [FrameType.ping, encodePing(1)],
  [FrameType.pong, encodePing(1)],
  [FrameType.received, encodeReceived(0)],
  [FrameType.request, request],
  [FrameType.signal, Buffer.from('SIGTERM')],
  [FrameType.result, encodeResult({ kind: 'exited', code: 0 })],
])

const ofSession: ReadonlySet<number> = new Set([FrameType.ping, FrameType.pong, FrameType.received])

for (const victimRole of ['caller', 'server'] as const) {
  const rogueRole = victimRole === 'caller' ? 'server' : 'caller'
  test(`a ${victimRole} takes of all 256 types those that a ${rogueRole} may send, each where it belongs`, async (t) => {
    for (let type = 0; type <= 0xff; type += 1) {
      for (const stream of [0, 1]) {
        const { victim, rogue } = await scene(victimRole)
        if (type !== FrameType.request && victimRole === 'server')
          rogue.send(FrameType.request, { stream: 1, payload: request })
        if (victimRole === 'caller')
          victim.session.open({ ask: 'run', command: 'x', args: [], hasStdin: true })
        await settle()
        const lane = victimRole === 'caller' ? FrameType.stdin : FrameType.stdout
        const payload =
          type === FrameType.credit ? encodeCredit({ lane, byteCount: 0 }) : rightPayloads.get(type)
        rogue.send(type, { stream, payload: payload ?? '' })
        await settle()
        const isInPlace = ofSession.has(type) === (stream === 0)
        const isTaken =
          maySend(rogueRole, type) && isInPlace && type !== FrameType.hello && type !== FrameType.refuse
        const wanted = type === FrameType.end ? ['closing'] : isTaken ? [] : ['protocol-error']
        t.same(victim.endings, wanted, `type ${type} on stream ${stream}`)
        victim.endpoint.close()
      }
    }
  })
}

for (const byteCount of [0, 7, 9, 30_000]) {
  test(`a PING of ${byteCount} bytes ends the session and is not answered`, async (t) => {
    const { victim, rogue } = await scene('server')
    rogue.send(FrameType.ping, { payload: Buffer.alloc(byteCount) })
    await settle()
    t.same(victim.endings, ['protocol-error'])
    t.same(rogue.framesOf(FrameType.pong), [])
    victim.endpoint.close()
  })
}

test('a PONG brings back all eight bytes of its PING', async (t) => {
  const { victim, rogue } = await scene('server')
  rogue.send(FrameType.ping, { payload: Buffer.from('01234567') })
  await settle()
  t.same(
    rogue.framesOf(FrameType.pong).map(({ payload }) => payload.toString()),
    ['01234567'],
  )
  victim.endpoint.close()
})

test('a flood of PINGs from one who does not read ends the session once', async (t) => {
  const { victim, rogue, stopReading } = await scene('server')
  stopReading()
  for (let nth = 0; nth * 32 < controlQueueBytesMax + 256 * 1024 && victim.endings.length === 0; nth += 1) {
    rogue.send(FrameType.ping, { payload: encodePing(nth) })
    if (nth % 1000 === 0) await settle()
  }
  await settle()
  t.same(victim.endings, ['not-reading'])
  victim.endpoint.close()
})

test('openings with ever new epochs, whose answers nobody reads, pile up no answers', async (t) => {
  const { victim, rogue, read, stopReading } = await scene('server')
  stopReading()
  const before = victim.counters.sessions
  for (let nth = 1; nth <= 2_000; nth += 1) {
    rogue.open(nth.toString(16).padStart(16, '0'))
    await settle()
  }
  t.ok(victim.counters.sessions - before < 400, `${victim.counters.sessions - before} sessions were begun`)
  read()
  await settle()
  const last = (2_000).toString(16).padStart(16, '0')
  rogue.join(last)
  rogue.send(FrameType.ping, { payload: encodePing(7) })
  await settle()
  t.equal(rogue.framesOf(FrameType.pong).length, 1, 'the newest opening is answered once there is room')
  victim.endpoint.close()
})

test('streams opened and cancelled without end end nothing, though output is never acknowledged', async (t) => {
  const { victim, rogue } = await scene('server')
  victim.onCall = (call) => {
    call.stdout.write(Buffer.alloc(call.id <= 5 ? inFlightBytesMax / 4 : 1))
    call.finish({ kind: 'exited', code: 0 })
  }
  for (let stream = 1; stream <= 5; stream += 1) rogue.send(FrameType.request, { stream, payload: request })
  await settle()
  for (let stream = 6; stream <= 20_000; stream += 1) {
    rogue.send(FrameType.request, { stream, payload: request })
    rogue.send(FrameType.cancel, { stream })
    if (stream % 100 === 0) await settle()
  }
  rogue.send(FrameType.received, { payload: encodeReceived(inFlightBytesMax) })
  await until(() => rogue.framesOf(FrameType.result).length === 20_000)
  t.same(victim.endings, [])
  t.equal(victim.session.callCount, 0)
  victim.endpoint.close()
})

test('Outbox forgets a lane that is abandoned while it waits for its turn', async (t) => {
  const outbox = new Outbox({
    session: { high: 1, low: 2 },
    write: () => true,
    counters: newCounters(),
    onOverflow: () => undefined,
  })
  const lane = (stream: number): LaneWriter =>
    new LaneWriter({ stream, type: FrameType.stdout }, (changed) => outbox.changed(changed))
  for (let stream = 1; stream <= 5; stream += 1) lane(stream).write(Buffer.alloc(inFlightBytesMax / 4))
  await settle()
  const waiting = (outbox as unknown as { waitingLaneCount: number }).waitingLaneCount
  const one = lane(6)
  one.write(Buffer.from('output'))
  t.equal((outbox as unknown as { waitingLaneCount: number }).waitingLaneCount, waiting + 1)
  one.abandon()
  t.equal((outbox as unknown as { waitingLaneCount: number }).waitingLaneCount, waiting)
})

test('LaneReader holds crumbs in little more than their own bytes, and gives them in order', (t) => {
  const reader = new LaneReader(() => undefined)
  const crumbCount = 10_000
  for (let nth = 0; nth < crumbCount; nth += 1) {
    // A view into a large chunk, as the decoder gives it.
    const chunk = Buffer.alloc(64 * 1024, nth & 0xff)
    reader.deliver(chunk.subarray(5, 6))
  }
  const chunks: Buffer[] = []
  reader.receive({ bytes: (chunk) => void chunks.push(chunk), end: () => undefined })
  const backingBytes = new Map(chunks.map(({ buffer }) => [buffer, buffer.byteLength]))
  const heldBytes = [...backingBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
  t.ok(heldBytes <= 4 * crumbCount + 64 * 1024, `${heldBytes} bytes are held for ${crumbCount}`)
  t.ok(chunks.length < 100, `${chunks.length} pieces`)
  t.ok(Buffer.concat(chunks).every((byte, index) => byte === (index & 0xff)))
  t.equal(Buffer.concat(chunks).length, crumbCount)
  t.end()
})

test('answers of another protocol that nobody reads are dropped whole, and go on once they are read', async (t) => {
  const { left, right } = pairedChannels({ capacityBytes: 64 * 1024 })
  const victim = new Peer({ role: 'server', channel: right, clock: new FakeClock() })
  let readBytes = 0
  left.start({
    bytes: (chunk) => (readBytes += chunk.length),
    drained: () => undefined,
    closed: () => undefined,
  })
  victim.endpoint.start()
  left.hold()
  const answer = Buffer.alloc(100 * 1024, 'x')
  for (let nth = 0; nth < 100; nth += 1) {
    victim.endpoint.writeForeign(answer)
    await settle()
  }
  left.release()
  await settle()
  t.ok(readBytes <= 2 * answer.length, `${readBytes} bytes waited`)
  t.equal(readBytes % answer.length, 0, 'no answer is cut')
  victim.endpoint.writeForeign(answer)
  const before = readBytes
  await settle()
  t.equal(readBytes - before, answer.length)
  victim.endpoint.close()
})

test('a session is opened anew after any flood', async (t) => {
  const { victim, rogue, clock } = await scene('server')
  for (let nth = 0; nth < 50; nth += 1) rogue.send(0x7f)
  await settle()
  await clock.advance(openRetryMaxMs)
  rogue.open('00000000000000bb')
  await settle()
  t.equal(victim.sessions.length, 2)
  victim.endpoint.close()
})
