/**
 * Links over channels in memory, and daemons made of them.
 * Floor 7, for tests.
 */
import type { IncomingCall } from '../call/call.js'
import type { Line } from '../call/turns.js'
import type { Caller } from '../policy/caller.js'
import { pairedChannels } from '../channel/paired-channels.js'
import type { PairedChannel, PairedChannels } from '../channel/paired-channels.js'
import type { Clock } from '../clock.js'
import { heartbeatDeadMs, heartbeatIntervalMs } from '../limits.js'
import { silentLog } from '../log.js'
import type { Log } from '../log.js'
import { protocolVersions } from '../wire/hello.js'
import type { VersionRange } from '../wire/hello.js'
import { Link } from './link.js'

const heartbeat = { intervalMs: heartbeatIntervalMs, deadMs: heartbeatDeadMs }

interface TestLinkOptions {
  readonly name: string
  readonly clock: Clock
  readonly caller?: Caller
  readonly log?: Log
  readonly versions?: VersionRange
  /** Names the process that the link belongs to. */
  readonly instance?: string
  readonly serve?: (call: IncomingCall, caller: Caller) => void
  readonly isDenied?: () => boolean
  readonly line?: () => Line
  readonly onChange?: () => void
}

/** A link whose calls nobody answers unless told otherwise. */
export function testLink(options: TestLinkOptions): Link {
  const {
    name,
    clock,
    caller = { kind: 'host' },
    log = silentLog,
    versions = protocolVersions,
    instance = name,
  } = options
  return new Link({
    name,
    caller,
    clock,
    log,
    heartbeat,
    hello: {
      side: 'host',
      versions,
      bootId: 'boot',
      instance,
      features: [],
      agent: '0.1.0',
      name: `machine of ${name}`,
    },
    serve: options.serve ?? (() => undefined),
    isDenied: options.isDenied ?? (() => false),
    line: options.line ?? (() => ({ callCount: 0, isFull: false })),
    onChange: options.onChange ?? (() => undefined),
  })
}

/** The two channels between a host and a guest: `left` is the host's end. */
export interface ChannelCable {
  readonly hostToGuest: PairedChannels
  readonly guestToHost: PairedChannels
}

/** Makes both channels. */
export function channelCable(): ChannelCable {
  return { hostToGuest: pairedChannels(), guestToHost: pairedChannels() }
}

/** Which end of a cable. */
export type CableEnd = 'host' | 'guest'

/**
 * Gives a link its end of both channels.
 * @returns what ends their use; the promise is over once they are closed
 */
export function plugIn(
  link: Link,
  { cable, end }: { cable: ChannelCable; end: CableEnd },
): () => Promise<void> {
  const leave = new AbortController()
  const use = async (role: 'caller' | 'server', channel: PairedChannel): Promise<unknown> =>
    await link.use({ role, channel, signal: leave.signal })
  const [calling, serving] =
    end === 'host'
      ? [cable.hostToGuest.left, cable.guestToHost.left]
      : [cable.guestToHost.right, cable.hostToGuest.right]
  const used = Promise.all([use('caller', calling), use('server', serving)])
  return async () => {
    leave.abort()
    await used
  }
}
