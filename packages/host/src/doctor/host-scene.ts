/**
 * What the host's checks may look at: the scene of both sides, and the guests as the drivers find them now.
 */
import { NegotiatorError, sentenceOf, silentLog, UnixSockets } from '@negotiator/common'
import type { Clock, DaemonPeer, Log, LogFields, Scene } from '@negotiator/common'
import type { Driver, FoundGuest } from '../drivers/driver.js'
import { createDrivers } from '../drivers/drivers.js'
import { mergeGuests } from '../guests/merge-guests.js'
import { isLibvirt, readDefinitions } from './definitions.js'
import type { Definition } from './definitions.js'

/** A host. */
export interface HostScene extends Scene {
  /** The guest that was asked about, by name or uuid; absent when all that run are meant. */
  readonly wanted: string | undefined
  /** Those that were asked about. */
  readonly guests: readonly ExaminedGuest[]
  /** All guests of all drivers. */
  readonly allGuests: readonly ExaminedGuest[]
  /** Guests that are left out because another one has their uuid. */
  readonly twins: readonly { readonly uuid: string; readonly name: string }[]
  readonly drivers: readonly ExaminedDriver[]
  /** What the drivers would log. */
  readonly warnings: readonly DriverWarning[]
  /** All UNIX sockets, or why they cannot be seen. */
  readonly sockets: Pick<UnixSockets, 'at'> | string
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number
}

/** A guest, from all views. */
export interface ExaminedGuest extends FoundGuest {
  /** The driver that found it. */
  readonly driver: string
  /** As the daemon sees it; absent when the daemon does not answer or does not know it. */
  readonly peer: DaemonPeer | undefined
  /** What libvirt has written down of it. */
  readonly definition: Definition | undefined
}

/** A driver, and what came of asking it. */
export interface ExaminedDriver {
  readonly name: string
  readonly guests: readonly FoundGuest[]
  readonly problem?: DriverProblem | undefined
}

/** Why a driver could not tell its guests. */
export interface DriverProblem {
  readonly sentence: string
  /** Of the error, e.g. `libvirt-unreachable`. */
  readonly code: string
}

/** A sentence that a driver would log, and its facts. */
export interface DriverWarning {
  readonly sentence: string
  readonly fields: LogFields
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
  const warnings: DriverWarning[] = []
  const log: Log = { ...silentLog, warn: (sentence, fields = {}) => void warnings.push({ sentence, fields }) }
  const drivers = await listAll(scene.config.drivers, { clock, log })
  const peers = scene.daemon.kind === 'answers' ? scene.daemon.status.peers : []
  const found = drivers.flatMap(({ name, guests }) => guests.map((guest) => ({ ...guest, driver: name })))
  const { guests: merged, twins } = mergeGuests(found, new Map())
  const definitions = new Map<string, Definition>()
  const isMeant = ({ name, uuid, state }: FoundGuest): boolean =>
    wanted === undefined ? state !== 'off' : name === wanted || uuid === wanted.toLowerCase()
  for (const { name } of drivers.filter((driver) => isLibvirt(driver.name))) {
    const uuids = [...merged.values()].filter((guest) => guest.driver === name && isMeant(guest))
    for (const [uuid, definition] of await definitionsOf(name, { guests: uuids, clock }))
      definitions.set(uuid, definition)
  }
  const allGuests = [...merged.values()].map((guest) => ({
    ...guest,
    peer: peers.find((peer) => isSame(peer, guest)),
    definition: definitions.get(guest.uuid ?? ''),
  }))
  return {
    ...scene,
    wanted,
    nowMs,
    allGuests,
    twins,
    warnings,
    drivers,
    guests: allGuests.filter(isMeant),
    sockets: await UnixSockets.read({ processes: scene.processes }),
  }
}

async function listAll(
  specs: readonly string[],
  needs: { clock: Clock; log: Log },
): Promise<readonly ExaminedDriver[]> {
  try {
    return await Promise.all((await createDrivers(specs, needs)).map(listOne))
  } catch (error) {
    return [{ name: specs.join(', '), guests: [], problem: problemOf(error) }]
  }
}

async function listOne(driver: Driver): Promise<ExaminedDriver> {
  const { name } = driver
  try {
    return { name, guests: await driver.list(AbortSignal.timeout(listTimeoutMs)) }
  } catch (error) {
    return { name, guests: [], problem: problemOf(error) }
  }
}

function problemOf(error: unknown): DriverProblem {
  return {
    sentence: sentenceOf(error),
    code: error instanceof NegotiatorError ? error.code : 'driver-failed',
  }
}

async function definitionsOf(
  driver: string,
  { guests, clock }: { guests: readonly FoundGuest[]; clock: Clock },
): Promise<ReadonlyMap<string, Definition>> {
  const uuids = guests.flatMap(({ uuid }) => uuid ?? [])
  if (uuids.length === 0) return new Map()
  const signal = AbortSignal.timeout(listTimeoutMs)
  // It has just listed them: what goes wrong now is that they went.
  return await readDefinitions({ driver, uuids, clock, signal }).catch(() => new Map<string, Definition>())
}

function isSame(peer: DaemonPeer, guest: FoundGuest): boolean {
  return guest.uuid === undefined ? peer.name === guest.name : peer.uuid === guest.uuid
}
