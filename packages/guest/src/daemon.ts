/**
 * The guest's daemon: one peer, the host, over two channels; a control socket for the guest's own programs.
 */
import {
  Agent,
  Answers,
  channelNames,
  ControlServer,
  guestToHost,
  hostToGuest,
  keepConnected,
} from '@negotiator/common'
import type {
  Channel,
  ChannelName,
  Clock,
  Config,
  DeviceFolders,
  FindKoffi,
  Link,
  Log,
  Role,
} from '@negotiator/common'
import type { ChannelSource } from './ports/channel-source.js'
import { openListeningSockets } from './ports/listening-sockets.js'
import { openVirtioPorts } from './ports/virtio-ports.js'

/** What the guest's daemon needs. */
export interface GuestDaemonOptions {
  readonly config: Config
  /** The folders with the commands that come with the program. */
  readonly shippedFolders: readonly string[]
  readonly devices: DeviceFolders
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had, which waits for the ports and tells who a local program is; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** A running daemon. */
export interface Daemon {
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
  shippedFolders,
  devices,
  clock,
  log,
  findKoffi,
}: GuestDaemonOptions): Promise<Daemon> {
  const heartbeat = {
    intervalMs: config['heartbeat-interval-seconds'] * 1000,
    deadMs: config['heartbeat-dead-seconds'] * 1000,
  }
  const folders = [...config['command-folders'], ...shippedFolders]
  const agent = await Agent.open({ side: 'guest', folders, clock, log, heartbeat })
  let control: ControlServer | undefined
  const status = (): Readonly<Record<string, unknown>> => ({ ...agent.status(), ...control?.status() })
  const answers = new Answers({ directory: agent, clock, status })
  let source: ChannelSource | undefined
  let stop: (() => Promise<void>) | undefined
  const close = async (): Promise<void> => {
    await control?.close()
    await stop?.()
    await source?.close()
    await agent.close()
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
    const folder = config['channel-folder']
    source =
      folder === ''
        ? await openVirtioPorts({ devices, given: devicesGiven(config), clock, log, findKoffi })
        : await openListeningSockets(folder)
    const host = agent.addPeer({ name: 'host', caller: { kind: 'host' } })
    stop = keepHost({ host, source, clock, log })
    return { close }
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
    await keepConnected({ connect: async () => await source.nextHost(name, signal), use, clock, log, signal })
  })
  return async () => {
    stop.abort()
    await Promise.all(kept)
  }
}
