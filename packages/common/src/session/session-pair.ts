/**
 * Two real peers over paired channels and a fake clock, with all that they tell kept.
 * Floor 3, for tests.
 */
import { TamperedChannel } from '../channel/tampered-channel.js'
import { pairedChannels } from '../channel/paired-channels.js'
import type { PairedChannel } from '../channel/paired-channels.js'
import { FakeClock, settle } from '../fake-clock.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import type { Role } from '../wire/frame.js'
import { protocolVersions } from '../wire/hello.js'
import type { Hello, VersionRange } from '../wire/hello.js'
import type { Request } from '../wire/request.js'
import { newCounters } from './counters.js'
import type { Counters } from './counters.js'
import { Endpoint } from './endpoint.js'
import type { EndpointListener } from './endpoint.js'
import type { LocalHello } from './handshake.js'
import type { LaneSource } from './lane.js'
import type { ServingStream } from './serving-stream.js'
import type { Session } from './session.js'
import type { SessionEnd } from './session-end.js'

interface PeerOptions {
  readonly role: Role
  readonly channel: PairedChannel
  readonly clock: FakeClock
  readonly versions?: VersionRange
}

/** One real peer: its endpoint, and what that told. */
export class Peer {
  readonly channel: TamperedChannel
  readonly endpoint: Endpoint
  readonly counters: Counters = newCounters()
  readonly sessions: Session[] = []
  readonly calls: ServingStream[] = []
  /** What they asked for. */
  readonly requests: Request[] = []
  readonly endings: SessionEnd[] = []
  readonly refusals: Hello[] = []
  readonly foreign: Buffer[] = []
  closedCount = 0
  /** What to do with a call, which is kept in any case. */
  onCall: (call: ServingStream) => void = () => undefined

  constructor({ role, channel, clock, versions = protocolVersions }: PeerOptions) {
    this.channel = new TamperedChannel(channel)
    this.endpoint = new Endpoint({
      role,
      clock,
      channel: this.channel,
      hello: localHello(role, versions),
      log: silentLog,
      counters: this.counters,
      heartbeat: { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs },
      listener: this.#listener(),
    })
  }

  /** The newest session, be it over. @throws {Error} when there was none */
  get session(): Session {
    return newestOf(this.sessions, 'session')
  }

  /** The newest call. @throws {Error} when none has come */
  get call(): ServingStream {
    return newestOf(this.calls, 'call')
  }

  #listener(): EndpointListener {
    return {
      session: (session) => void this.sessions.push(session),
      call: (call) => {
        this.calls.push(call)
        this.requests.push(call.request)
        this.onCall(call)
      },
      sessionEnded: (reason) => void this.endings.push(reason),
      refused: (remote) => void this.refusals.push(remote),
      foreign: (bytes) => void this.foreign.push(bytes),
      closed: () => (this.closedCount += 1),
    }
  }
}

interface SessionPairOptions {
  readonly callerVersions?: VersionRange
  readonly serverVersions?: VersionRange
  /** Bytes that the channel holds each way before it asks to wait. */
  readonly capacityBytes?: number
  /** Cuts what the channel delivers. */
  readonly chunkBytesMax?: number
}

/** Two peers and their time. */
export class SessionPair {
  readonly clock: FakeClock = new FakeClock()
  readonly caller: Peer
  readonly server: Peer

  constructor({ callerVersions, serverVersions, ...channelOptions }: SessionPairOptions = {}) {
    const { clock } = this
    const { left, right } = pairedChannels(channelOptions)
    this.caller = new Peer({
      role: 'caller',
      channel: left,
      clock,
      ...(callerVersions && { versions: callerVersions }),
    })
    this.server = new Peer({
      role: 'server',
      channel: right,
      clock,
      ...(serverVersions && { versions: serverVersions }),
    })
  }

  /** Starts both and lets them shake hands. */
  async start(): Promise<this> {
    this.server.endpoint.start()
    this.caller.endpoint.start()
    await settle()
    return this
  }

  /**
   * Ends both.
   * @throws {Error} when one of them has left a timer
   */
  async close(): Promise<void> {
    this.caller.endpoint.close()
    this.server.endpoint.close()
    await settle()
    if (this.clock.timerCount > 0) throw new Error(`${this.clock.timerCount} timers are left after close()`)
  }
}

/** Two peers with a session that is ready. */
export async function sessionPair(options?: SessionPairOptions): Promise<SessionPair> {
  return await new SessionPair(options).start()
}

/** What a peer says of itself. */
export function localHello(role: Role, versions: VersionRange = protocolVersions): LocalHello {
  return { versions, side: 'host', bootId: 'boot', instance: role, features: [], agent: '0.1.0', name: role }
}

/** A lane's text so far, consumed as it comes. */
export interface LaneText {
  text: string
  isEnded: boolean
}

/** Reads a lane to its end. */
export function readLane(lane: LaneSource): LaneText {
  const read = { text: '', isEnded: false }
  lane.receive({
    bytes: (chunk) => {
      read.text += chunk.toString('latin1')
      lane.consumed(chunk.length)
    },
    end: () => (read.isEnded = true),
  })
  return read
}

/** Waits until something that needs no time has come about. @throws {Error} when it does not */
export async function until(isThere: () => boolean): Promise<void> {
  for (let round = 0; round < 2_000; round += 1) {
    if (isThere()) return
    await settle()
  }
  throw new Error(`this has not come about: ${isThere.toString()}`)
}

function newestOf<Thing>(things: readonly Thing[], what: string): Thing {
  const newest = things.at(-1)
  if (newest === undefined) throw new Error(`no ${what} has come yet`)
  return newest
}
