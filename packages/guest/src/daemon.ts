/**
 * The guest's daemon: one peer, the host, over two channels; a control socket for the guest's own programs.
 */
import {
  Answers,
  channelNames,
  ControlServer,
  connectSocket,
  guestToHost,
  hostToGuest,
  keepConnected,
  Mount,
  openAgent,
  openMetrics,
} from '@negotiator/common'
import type {
  Channel,
  ChannelName,
  Clock,
  Config,
  DeviceFolders,
  FindKoffi,
  IncomingCall,
  Link,
  Log,
  MountSettings,
  OfferedMetrics,
  Role,
  Shipped,
} from '@negotiator/common'
import type { ChannelSource } from './ports/channel-source.js'
import { openListeningSockets } from './ports/listening-sockets.js'
import { openVirtioPorts } from './ports/virtio-ports.js'

/** What the guest's daemon needs. */
export interface GuestDaemonOptions {
  readonly config: Config
  /** What comes with the program. */
  readonly shipped: Shipped
  readonly devices: DeviceFolders
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had, which waits for the ports and tells who a local program is; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** A running daemon. */
export interface Daemon {
  /** Reads the policy anew, and begins a new audit log where the old one was moved away. */
  reload(): Promise<void>
  /** Stops in order: calls end, the other side is told, sockets and ports are closed. */
  close(): Promise<void>
}

const roles: Readonly<Record<ChannelName, Role>> = { [guestToHost]: 'caller', [hostToGuest]: 'server' }

/**
 * Starts the daemon; ports that are not there yet are waited for.
 * @throws {SystemError} when a command folder cannot be read, or the control socket or the channel folder not be had;
 *   nothing is left open then
 */
export async function startGuestDaemon({
  config,
  shipped,
  devices,
  clock,
  log,
  findKoffi,
}: GuestDaemonOptions): Promise<Daemon> {
  const opened = await openAgent({ side: 'guest', config, shipped, clock, log, findKoffi })
  const { agent, heartbeat } = opened
  let control: ControlServer | undefined
  let metrics: OfferedMetrics | undefined
  let mounts: readonly Mount[] = []
  const status = (): Readonly<Record<string, unknown>> => ({
    ...opened.status(),
    ...control?.status(),
    metrics: metrics?.status(),
    dialects: mounts.map((mount) => mount.status),
  })
  const answers = new Answers({
    directory: agent,
    clock,
    run: (call, needs) => agent.serveProgram(call, needs),
    status,
  })
  let source: ChannelSource | undefined
  let stop: (() => Promise<void>) | undefined
  const close = async (): Promise<void> => {
    await control?.close()
    await metrics?.close()
    await stop?.()
    await Promise.all(mounts.map(async (mount) => await mount.close()))
    await source?.close()
    await opened.close()
  }
  try {
    control = await ControlServer.listen({
      path: config['control-socket'],
      hello: agent.hello,
      clock,
      log,
      heartbeat,
      findKoffi,
      answer: (stream, caller) => answers.answer(stream, caller),
    })
    metrics = await openMetrics({
      listen: config['metrics-listen'],
      facts: { ...opened, side: 'guest' },
      clock,
      log,
    })
    const folder = config['channel-folder']
    source =
      folder === ''
        ? await openVirtioPorts({ devices, given: devicesGiven(config), clock, log, findKoffi })
        : await openListeningSockets(folder, channelsOf(config))
    const host = agent.addPeer({ name: 'host', caller: { kind: 'host' } })
    stop = keepHost({ host, source, clock, log })
    const openChannel = channelsBy(source)
    const serve = (call: IncomingCall): void => agent.servePeer(call, { kind: 'host' })
    mounts = config.dialects.map(
      (settings) => new Mount(settings, { side: 'guest', clock, log, serve, openChannel }),
    )
    return { reload: async () => await opened.reload(), close }
  } catch (error) {
    // What is left open would keep the process alive, and its socket would look like a daemon's.
    await close()
    throw error
  }
}

function devicesGiven(config: Config): Readonly<Record<ChannelName, string>> {
  return {
    [hostToGuest]: config['host-to-guest-device'],
    [guestToHost]: config['guest-to-host-device'],
  }
}

/** The channels that other protocols are spoken on. */
function channelsOf({ dialects }: Config): readonly string[] {
  return dialects.flatMap(({ channel }) => channel ?? [])
}

/** A mount's channel is a port like our own, or a socket that somebody else listens on. */
function channelsBy(
  source: ChannelSource,
): (settings: MountSettings, signal: AbortSignal) => Promise<Channel> {
  return async ({ channel, path = '' }, signal) =>
    channel === undefined ? await connectSocket({ path, signal }) : await source.nextHost(channel, signal)
}

/** Gives the link its channels, again and again. @returns a function that stops it */
function keepHost({
  host,
  source,
  clock,
  log,
}: {
  host: Link
  source: ChannelSource
  clock: Clock
  log: Log
}): () => Promise<void> {
  const stop = new AbortController()
  const { signal } = stop
  const kept = channelNames.map(async (name) => {
    const use = async (channel: Channel): Promise<unknown> =>
      await host.use({ role: roles[name], channel, signal })
    const connect = async (): Promise<Channel> => await source.nextHost(name, signal)
    const onFailure = (reason: string): void => host.failed(reason)
    await keepConnected({ connect, use, onFailure, clock, log, signal })
  })
  return async () => {
    stop.abort()
    await Promise.all(kept)
  }
}
