/**
 * One guest's link, with its two sockets connected again whenever they are lost.
 */
import { connectSocket, guestToHost, hostToGuest, keepConnected } from '@negotiator/common'
import type { Agent, Channel, ChannelName, Clock, Log, Obstacle, ReadTurns, Role } from '@negotiator/common'
import type { FoundGuest } from '../drivers/driver.js'

/** A guest that is being kept. */
export interface KeptGuest {
  readonly guest: FoundGuest
  /** Takes note of how its machine is. */
  setState(state: FoundGuest['state']): void
  /** Ends its sessions in order and forgets it. */
  close(): Promise<void>
}

interface KeepGuestOptions {
  readonly agent: Agent
  readonly guest: FoundGuest
  readonly clock: Clock
  readonly log: Log
  /** Shares time with the other guests. */
  readonly turns: ReadTurns
}

const roles: Readonly<Record<ChannelName, Role>> = { [hostToGuest]: 'caller', [guestToHost]: 'server' }

/** Begins to keep a guest. Who it is comes from the driver, bound to its sockets; nothing that the guest says changes it. */
export function keepGuest({ agent, guest, clock, log, turns }: KeepGuestOptions): KeptGuest {
  const { name, uuid, sockets } = guest
  const link = agent.addPeer({ name, uuid, caller: { kind: 'guest', name, uuid } })
  const setState = (state: FoundGuest['state']): void => link.setObstacle(obstacleOf({ state, sockets }))
  setState(guest.state)
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
    close: async () => {
      stop.abort()
      await Promise.all(kept)
      agent.removePeer(link)
    },
  }
}

/** A driver that cannot tell how a machine is leaves it to the channels to show it. */
function obstacleOf({ state, sockets }: Pick<FoundGuest, 'state' | 'sockets'>): Obstacle | undefined {
  if (state === 'off' || state === 'paused') return state
  return state === 'running' && Object.keys(sockets).length === 0 ? 'no-channels' : undefined
}
