import { test } from 'tap'
import { pairedChannels } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { laneWindowBytes, payloadBytesMax } from '../limits.js'
import { FrameType } from '../wire/frame.js'
import { decodeEnd, encodeCredit, encodePing, encodeReceived } from '../wire/message.js'
import { encodeRequest } from '../wire/request.js'
import { decodeResult, encodeResult } from '../wire/result.js'
import { ScriptedPeer } from './scripted-peer.js'
import { Peer } from './session-pair.js'

const epoch = '0123456789abcdef'
const request = encodeRequest({ ask: 'run', command: 'hello', args: [], hasStdin: true })
const { stdin, stdout, stderr } = FrameType

/** What a rogue sends, in order: type, stream, payload. */
type Script = readonly (readonly [type: number, stream: number, payload?: Buffer | string])[]

/** A real server with a session, before a caller that follows a script. */
async function rogueCaller(): Promise<{ server: Peer; rogue: ScriptedPeer; clock: FakeClock }> {
  const clock = new FakeClock()
  const { left, right } = pairedChannels()
  const server = new Peer({ role: 'server', channel: right, clock })
  server.endpoint.start()
  const rogue = new ScriptedPeer(left)
  rogue.open(epoch)
  await settle()
  rogue.join(epoch)
  return { server, rogue, clock }
}

/** A real caller with a session and one call under way, before a server that follows a script. */
async function rogueServer(): Promise<{ caller: Peer; rogue: ScriptedPeer; clock: FakeClock }> {
  const clock = new FakeClock()
  const { left, right } = pairedChannels()
  const rogue = new ScriptedPeer(right)
  const caller = new Peer({ role: 'caller', channel: left, clock })
  caller.endpoint.start()
  await settle()
  rogue.answer('fedcba9876543210')
  await settle()
  caller.session.open({ ask: 'run', command: 'hello', args: [], hasStdin: true })
  await settle()
  return { caller, rogue, clock }
}

function play(rogue: ScriptedPeer, script: Script): void {
  for (const [type, stream, payload = ''] of script) rogue.send(type, { stream, payload })
}

const flood: Script = Array.from(
  { length: 17 },
  () => [stdin, 1, Buffer.alloc(laneWindowBytes / 16)] as const,
)

const callersWrongs: Readonly<Record<string, Script>> = {
  'more bytes than its window': [[FrameType.request, 1, request], ...flood],
  'an answer, which only a server may send': [
    [FrameType.result, 1, encodeResult({ kind: 'exited', code: 0 })],
  ],
  'output, which only a server may send': [
    [FrameType.request, 1, request],
    [stdout, 1, 'x'],
  ],
  'a frame of an unknown type': [[0x7f, 0]],
  'a HELLO inside a session': [[FrameType.hello, 0, '{}']],
  'a request without a stream': [[FrameType.request, 0, request]],
  'a request for a stream whose number is used up': [
    [FrameType.request, 5, request],
    [FrameType.request, 5, request],
  ],
  'a request for a stream below the last': [
    [FrameType.request, 5, request],
    [FrameType.request, 4, request],
  ],
  'input for a stream that was never opened': [[stdin, 1, 'x']],
  'input behind its end': [
    [FrameType.request, 1, request],
    [stdin, 1],
    [stdin, 1, 'x'],
  ],
  'a second end of input': [
    [FrameType.request, 1, request],
    [stdin, 1],
    [stdin, 1],
  ],
  'credit that nobody spent': [
    [FrameType.request, 1, request],
    [FrameType.credit, 1, encodeCredit({ lane: stdout, byteCount: 1 })],
  ],
  'credit for its own lane': [
    [FrameType.request, 1, request],
    [FrameType.credit, 1, encodeCredit({ lane: stdin, byteCount: 0 })],
  ],
  'credit without a stream': [[FrameType.credit, 0, encodeCredit({ lane: stdout, byteCount: 0 })]],
  'a CREDIT of the wrong length': [
    [FrameType.request, 1, request],
    [FrameType.credit, 1, 'short'],
  ],
  'a SIGNAL that names none': [
    [FrameType.request, 1, request],
    [FrameType.signal, 1, 'SIGSEGV'],
  ],
  'a RECEIVED for what was never sent': [[FrameType.received, 0, encodeReceived(1)]],
  'a RECEIVED of the wrong length': [[FrameType.received, 0, '']],
  'a PONG of the wrong length': [[FrameType.pong, 0, 'x']],
  'a PING on a stream': [
    [FrameType.request, 1, request],
    [FrameType.ping, 1, encodePing(1)],
  ],
}

for (const [wrong, script] of Object.entries(callersWrongs)) {
  test(`a caller that sends ${wrong} loses its session, and no more`, async (t) => {
    const { server, rogue } = await rogueCaller()
    play(rogue, script)
    await settle()
    t.same(server.endings, ['protocol-error'])
    t.equal(server.counters.protocolErrors, 1)
    t.same(
      rogue.framesOf(FrameType.end).map(({ payload }) => decodeEnd(payload)),
      ['protocol-error'],
    )
    rogue.open('00000000000000aa')
    await settle()
    t.equal(server.sessions.length, 2, 'the daemon goes on')
    server.endpoint.close()
  })
}

const serversWrongs: Readonly<Record<string, Script>> = {
  'more output than its window': flood.map(([, stream, payload]) => [stderr, stream, payload ?? ''] as const),
  'a request': [[FrameType.request, 9, request]],
  'a CANCEL': [[FrameType.cancel, 1]],
  'a PING on a stream': [[FrameType.ping, 1, encodePing(1)]],
  'output for a stream that was never opened': [[stdout, 2, 'x']],
  'a result that cannot be read': [[FrameType.result, 1, 'garbage']],
  'a result for a stream that was never opened': [
    [FrameType.result, 2, encodeResult({ kind: 'exited', code: 0 })],
  ],
  'output behind its end': [
    [stdout, 1],
    [stdout, 1, 'x'],
  ],
  'credit for output': [[FrameType.credit, 1, encodeCredit({ lane: stdout, byteCount: 0 })]],
  'credit that nobody spent': [[FrameType.credit, 1, encodeCredit({ lane: stdin, byteCount: 1 })]],
}

for (const [wrong, script] of Object.entries(serversWrongs)) {
  test(`a server that sends ${wrong} loses its session, and no more`, async (t) => {
    const { caller, rogue, clock } = await rogueServer()
    play(rogue, script)
    await settle()
    t.same(caller.endings, ['protocol-error'])
    t.equal(caller.session.callCount, 0)
    await clock.advance(100)
    t.equal(rogue.heard.openings.length, 2, 'the caller opens anew')
    caller.endpoint.close()
  })
}

test('a request that cannot be read gets exactly one answer', async (t) => {
  const { server, rogue } = await rogueCaller()
  play(rogue, [
    [FrameType.request, 1, 'garbage'],
    [FrameType.request, 2, '{"ask":"dance"}'],
    [FrameType.request, 3, Buffer.alloc(payloadBytesMax, 0xff)],
    [stdin, 1, 'x'],
    [stdin, 1],
    [FrameType.cancel, 1],
    [FrameType.request, 4, request],
  ])
  await settle()
  const answers = rogue
    .framesOf(FrameType.result)
    .map(({ stream, payload }) => [stream, decodeResult(payload)])
  t.same(answers, [
    [1, { kind: 'failed-to-start', reason: 'Cannot read a request: it is not JSON' }],
    [
      2,
      {
        kind: 'failed-to-start',
        reason: 'Cannot read a request: this version does not know what it asks for',
      },
    ],
    [3, { kind: 'failed-to-start', reason: 'Cannot read a request: it is not JSON' }],
  ])
  t.equal(server.calls.length, 1)
  t.same(server.endings, [])
  server.endpoint.close()
})

test("frames that cross the end of their stream are nobody's fault", async (t) => {
  const { server, rogue } = await rogueCaller()
  play(rogue, [[FrameType.request, 1, request]])
  await settle()
  server.call.finish({ kind: 'exited', code: 0 })
  play(rogue, [
    [stdin, 1, 'late'],
    [stdin, 1],
    [FrameType.signal, 1, 'SIGTERM'],
    [FrameType.credit, 1, encodeCredit({ lane: stdout, byteCount: 1 })],
    [FrameType.cancel, 1],
  ])
  await settle()
  t.same(server.endings, [])
  server.endpoint.close()
})

test('a request beyond the calls that a session holds is answered `busy`', async (t) => {
  const { server, rogue } = await rogueCaller()
  play(
    rogue,
    Array.from({ length: 4_097 }, (_, index) => [FrameType.request, index + 1, request] as const),
  )
  await settle()
  const answers = rogue
    .framesOf(FrameType.result)
    .map(({ stream, payload }) => [stream, decodeResult(payload)])
  t.same(answers, [[4_097, { kind: 'busy', reason: '4096 calls are under way already' }]])
  t.equal(server.calls.length, 4_096)
  server.endpoint.close()
})
