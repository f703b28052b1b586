/**
 * One guest's link, with its two sockets connected again whenever they are lost.
 */
import { connectSocket, guestToHost, hostToGuest, keepConnected, Mount } from '@negotiator/common'
import type {
  Agent,
  Caller,
  Channel,
  ChannelName,
  Clock,
  IncomingCall,
  Log,
  MountGround,
  MountSettings,
  MountStatus,
  Obstacle,
  PeerState,
  ReadTurns,
  Role,
} from '@negotiator/common'
import type { FoundGuest } from '../drivers/driver.js'

/** A guest that is being kept. */
export interface KeptGuest {
  readonly guest: FoundGuest
  /** Takes note of how its machine is. */
  setState(state: FoundGuest['state']): void
  dialectStatus(): readonly GuestMountStatus[]
  /** Ends its sessions in order and forgets it. */
  close(): Promise<void>
}

/** What `status` tells of a dialect of a guest. */
export interface GuestMountStatus extends MountStatus {
  readonly guest: string
}

interface KeepGuestOptions {
  readonly agent: Agent
  readonly guest: FoundGuest
  /** Other protocols that are spoken with it, each on a socket of its own. */
  readonly dialects?: readonly MountSettings[]
  /** Hears the state of its link whenever that may have changed. */
  readonly onState?: (state: PeerState) => void
  readonly clock: Clock
  readonly log: Log
  /** Shares time with the other guests. */
  readonly turns: ReadTurns
}

const roles: Readonly<Record<ChannelName, Role>> = { [hostToGuest]: 'caller', [guestToHost]: 'server' }

/** Begins to keep a guest. Who it is comes from the driver, bound to its sockets; nothing that the guest says changes it. */
export function keepGuest({
  agent,
  guest,
  dialects = [],
  onState,
  clock,
  log,
  turns,
}: KeepGuestOptions): KeptGuest {
  const { name, uuid, sockets } = guest
  const caller: Caller = { kind: 'guest', name, uuid }
  const link = agent.addPeer({ name, uuid, caller, ...(onState === undefined ? {} : { onState }) })
  const serve = (call: IncomingCall): void => agent.servePeer(call, caller)
  const ground: MountGround = { side: 'host', clock, log, serve, openChannel: channelsBy(turns) }
  let mounts: readonly Mount[] = []
  const setState = (state: FoundGuest['state']): void => {
    link.setObstacle(obstacleOf({ state, sockets }))
    if (state !== 'off' && mounts.length === 0)
      mounts = dialects.flatMap((settings) => mountsOf({ guest, settings, ground }))
  }
  link.setOtherAgent(() => mounts.find(({ agent }) => agent !== undefined)?.agent)
  setState(guest.state)
  onState?.(link.state)
  const stop = new AbortController()
  const kept = ([hostToGuest, guestToHost] as const).map(async (channelName) => {
    const path = sockets[channelName]
    if (path === undefined) return
    const connect = async (signal: AbortSignal): Promise<Channel> =>
      await connectSocket({ path, signal, turns })
    const use = async (channel: Channel): Promise<unknown> =>
      await link.use({ role: roles[channelName], channel, signal: stop.signal })
    const onFailure = (reason: string): void => link.failed(reason)
    await keepConnected({ connect, use, onFailure, clock, log, signal: stop.signal })
  })
  return {
    guest,
    setState,
    dialectStatus: () => mounts.map(({ status }) => ({ guest: name, ...status })),
    close: async () => {
      stop.abort()
      await Promise.all([...kept, ...mounts.map(async (mount) => await mount.close())])
      agent.removePeer(link)
    },
  }
}

/** The guest's socket of a dialect. What its path cannot be made of leads nowhere. */
function mountsOf({
  guest: { name, uuid },
  settings,
  ground,
}: {
  readonly guest: FoundGuest
  readonly settings: MountSettings
  readonly ground: MountGround
}): readonly Mount[] {
  const { dialect, path = '' } = settings
  if ((path.includes('{uuid}') && uuid === undefined) || (path.includes('{guest}') && name.includes('/'))) {
    ground.log.warn('A guest has no path for a dialect', { guest: name, dialect, path })
    return []
  }
  const own = path.replaceAll('{uuid}', () => uuid ?? '').replaceAll('{guest}', () => name)
  return [new Mount({ ...settings, path: own }, { ...ground, guest: name })]
}

function channelsBy(turns: ReadTurns): MountGround['openChannel'] {
  return async ({ path = '' }, signal) => await connectSocket({ path, signal, turns })
}

/** A driver that cannot tell how a machine is leaves it to the channels to show it. */
function obstacleOf({ state, sockets }: Pick<FoundGuest, 'state' | 'sockets'>): Obstacle | undefined {
  if (state === 'off' || state === 'paused') return state
  return state === 'running' && Object.keys(sockets).length === 0 ? 'no-channels' : undefined
}
