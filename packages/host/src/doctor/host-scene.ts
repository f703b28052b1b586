/**
 * What the host's checks may look at: the scene of both sides, and the guests as the drivers find them now.
 */
import { sentenceOf, silentLog, UnixSockets } from '@negotiator/common'
import type { Clock, DaemonPeer, Scene } from '@negotiator/common'
import type { Driver, FoundGuest } from '../drivers/driver.js'
import { createDriver } from '../drivers/drivers.js'

/** A host. */
export interface HostScene extends Scene {
  /** The guest that was asked about, by name or uuid; all of them, when absent. */
  readonly wanted: string | undefined
  /** Those that were asked about. */
  readonly guests: readonly ExaminedGuest[]
  /** All guests of all drivers. */
  readonly allGuests: readonly ExaminedGuest[]
  readonly drivers: readonly ExaminedDriver[]
  /** All UNIX sockets, or why they cannot be seen. */
  readonly sockets: UnixSockets | string
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number
}

/** A guest, from both views. */
export interface ExaminedGuest extends FoundGuest {
  /** The driver that found it. */
  readonly driver: string
  /** As the daemon sees it; absent when the daemon does not answer or does not know it. */
  readonly peer: DaemonPeer | undefined
}

/** A driver, and what came of asking it. */
export interface ExaminedDriver {
  readonly name: string
  readonly guestCount: number
  /** Why it could not tell its guests. */
  readonly problem?: string | undefined
}

interface HostSceneNeeds {
  readonly wanted: string | undefined
  readonly clock: Clock
  readonly nowMs: number
}

/** Longer than any hypervisor needs to list its machines. */
const listTimeoutMs = 10_000

/** Adds the guests to a scene: drivers are asked anew, not by the daemon, which may be down or look elsewhere. */
export async function hostScene(scene: Scene, { wanted, clock, nowMs }: HostSceneNeeds): Promise<HostScene> {
  const listed = await Promise.all(
    scene.config.drivers.map(async (name) => await listGuests({ name, clock })),
  )
  const peers = scene.daemon.kind === 'answers' ? scene.daemon.status.peers : []
  const allGuests = listed.flatMap(({ name, guests }) =>
    guests.map((guest) => ({ ...guest, driver: name, peer: peers.find((peer) => isSame(peer, guest)) })),
  )
  const isWanted = ({ name, uuid }: FoundGuest): boolean =>
    wanted === undefined || name === wanted || uuid === wanted.toLowerCase()
  return {
    ...scene,
    wanted,
    nowMs,
    allGuests,
    guests: allGuests.filter(isWanted),
    drivers: listed.map(({ name, guests, problem }) => ({ name, guestCount: guests.length, problem })),
    sockets: await UnixSockets.read({ processes: scene.processes }),
  }
}

interface Listed {
  readonly name: string
  readonly guests: readonly FoundGuest[]
  readonly problem?: string
}

async function listGuests({ name, clock }: { name: string; clock: Clock }): Promise<Listed> {
  try {
    const driver: Driver = createDriver(name, { clock, log: silentLog })
    return { name, guests: await driver.list(AbortSignal.timeout(listTimeoutMs)) }
  } catch (error) {
    return { name, guests: [], problem: sentenceOf(error) }
  }
}

function isSame(peer: DaemonPeer, guest: FoundGuest): boolean {
  return guest.uuid === undefined ? peer.name === guest.name : peer.uuid === guest.uuid
}
