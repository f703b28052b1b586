/**
 * A session before a peer that says anything: it goes on or ends, never throws, and each of its calls ends exactly once.
 * Recorded frames have a name in place of the session's, for that one is random: it is put in as they are fed.
 */
import {
  Decoder,
  encodeHello,
  Endpoint,
  epochName,
  FakeClock,
  helloFrom,
  heartbeatDeadMs,
  heartbeatIntervalMs,
  localTestHello,
  newCounters,
  objectFromPayload,
  encodeFrame,
  encodeOpening,
  FrameType,
  sessionNameOf,
} from '@negotiator/common/testing'
import type {
  Channel,
  ChannelReceiver,
  Frame,
  Role,
  ServingStream,
  Session,
  SessionName,
} from '@negotiator/common/testing'
import { createLog } from '@negotiator/common'
import { bytesOf, piecesOf } from '../mutate-frames.js'
import { holds } from '../target.js'
import type { Target } from '../target.js'

/** What recorded frames have for their session. */
export const recordedName: SessionName = { high: 0x11111111, low: 0x22222222 }

const rogueEpoch = '0123456789abcdef'

const promise =
  'never throws, ends or goes on, writes whole frames only, and gives each call exactly one result'

export const servingSessionTarget: Target = {
  name: 'session-server',
  promise,
  grammar: 'frames',
  tokens: ['"run"', '"commands"', '"target"', '"caller"'],
  check: async (input) => await converse('server', input),
}

export const callingSessionTarget: Target = {
  name: 'session-caller',
  promise,
  grammar: 'frames',
  tokens: ['"exited"', '"kind"', '"reason"'],
  check: async (input) => await converse('caller', input),
}

/** A channel whose other end is the fuzzer. */
class FedChannel implements Channel {
  readonly name = 'fed'
  readonly frames: Frame[] = []
  readonly openings: string[] = []
  writtenBytes = 0
  foreignBytes = 0
  receiver: ChannelReceiver | undefined
  readonly #decoder = new Decoder({
    frame: (frame) => void this.frames.push(frame),
    opening: ({ epoch }) => void this.openings.push(epoch),
    badOpening: () => (this.foreignBytes += 1),
    foreign: (bytes) => (this.foreignBytes += /^ \d+\n$/.test(bytes.toString('latin1')) ? 0 : bytes.length),
    skipped: () => undefined,
  })

  start(receiver: ChannelReceiver): void {
    this.receiver = receiver
  }

  write(bytes: Buffer): boolean {
    this.writtenBytes += bytes.length
    this.#decoder.push(Buffer.from(bytes))
    return true
  }

  close(): void {
    this.receiver?.closed()
    this.receiver = undefined
  }
}

async function converse(role: Role, input: Buffer): Promise<void> {
  const scene = new Scene(role)
  const name = role === 'server' ? open(scene.channel) : answer(scene.channel)
  const session = scene.endpoint.session
  holds(session !== undefined, 'the handshake failed')
  const results = role === 'caller' && session !== undefined ? callThrough(session) : []
  let endedCount = 0
  for (const result of results) void result.then(() => (endedCount += 1))
  await microtasks()
  scene.channel.receiver?.bytes(renamed(input, name))
  await microtasks()
  scene.judge()
  scene.endpoint.close()
  await microtasks()
  scene.judgeEnd()
  holds(endedCount === results.length, `${results.length - endedCount} calls have no result`)
}

/** An endpoint, and all that may go wrong with it. */
class Scene {
  readonly channel = new FedChannel()
  readonly endpoint: Endpoint
  readonly #clock = new FakeClock()
  readonly #faults: string[] = []
  readonly #sessions: Session[] = []

  constructor(role: Role) {
    this.endpoint = new Endpoint({
      role,
      channel: this.channel,
      clock: this.#clock,
      counters: newCounters(),
      hello: localTestHello(role),
      // An error in the log is a fault of ours that the session has survived.
      log: createLog({ level: 'error', format: 'text', write: (line) => void this.#faults.push(line) }),
      heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
      listener: {
        session: (session) => void this.#sessions.push(session),
        call: serve,
        sessionEnded: () => undefined,
        refused: () => undefined,
        closed: () => undefined,
      },
    })
    this.endpoint.start()
  }

  judge(): void {
    holds(this.#faults.length === 0, `a fault of ours: ${this.#faults[0] ?? ''}`)
    holds(this.channel.foreignBytes === 0, 'it writes bytes that are no frame')
    const live = this.#sessions.filter((session) => session.ended === undefined)
    holds(live.length <= 1, 'two sessions live')
  }

  judgeEnd(): void {
    this.judge()
    holds(this.#clock.timerCount === 0, `${this.#clock.timerCount} timers are left`)
    holds(
      this.#sessions.every(({ callCount }) => callCount === 0),
      'a session that is over has calls',
    )
    holds(resultsAreOnce(this.channel.frames), 'a stream has two results')
  }
}

function serve(stream: ServingStream): void {
  stream.stdin.receive({ bytes: (chunk) => stream.stdin.consumed(chunk.length), end: () => undefined })
  stream.listen({ stop: () => stream.finish({ kind: 'cancelled', reason: 'x' }), signal: () => undefined })
  stream.stdout.write(Buffer.from('some output'))
  // Each third call runs on.
  if (stream.id % 3 !== 0) stream.finish({ kind: 'exited', code: 0 })
}

/** Some calls, each with more input than its window takes. */
function callThrough(session: Session): readonly Promise<unknown>[] {
  return [1, 2, 3, 4].map(() => {
    const stream = session.open({ ask: 'run', command: 'hello', args: [], hasStdin: true, timeoutMs: 60_000 })
    stream.stdout.receive({ bytes: (chunk) => stream.stdout.consumed(chunk.length), end: () => undefined })
    stream.stderr.discard()
    stream.stdin.write(Buffer.alloc(300_000))
    return stream.result
  })
}

function open(channel: FedChannel): SessionName {
  channel.receiver?.bytes(encodeOpening({ ...localTestHello('caller'), epoch: rogueEpoch }))
  const hello = channel.frames.find(({ type }) => type === FrameType.hello)
  holds(hello !== undefined, 'no HELLO came')
  const { epoch } = helloFrom(objectFromPayload(hello?.payload ?? Buffer.alloc(0), 'hello'))
  return sessionNameOf(rogueEpoch, epoch)
}

function answer(channel: FedChannel): SessionName {
  const opened = channel.openings.at(-1) ?? ''
  const payload = encodeHello({ ...localTestHello('server'), epoch: rogueEpoch })
  const header = { type: FrameType.hello, sequence: 0, stream: 0, session: epochName(opened) }
  channel.receiver?.bytes(encodeFrame({ ...header, payload }))
  return sessionNameOf(opened, rogueEpoch)
}

/** The input with the session's name in the frames that have the recorded one. */
function renamed(input: Buffer, session: SessionName): Buffer {
  const { high, low } = recordedName
  const pieces = piecesOf(input).map((piece) =>
    piece.kind === 'frame' && piece.frame.session.high === high && piece.frame.session.low === low
      ? { ...piece, frame: { ...piece.frame, session } }
      : piece,
  )
  return Buffer.concat(pieces.map(bytesOf))
}

function resultsAreOnce(frames: readonly Frame[]): boolean {
  const results = frames.filter(({ type }) => type === FrameType.result)
  const names = results.map(({ session, stream }) => `${session.high} ${session.low} ${stream}`)
  return new Set(names).size === names.length
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
