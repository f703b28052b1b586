/**
 * The managed guests as a daemon's configuration has them.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, Config, Directory, IncomingCall, Log, MachineNeeds, RunPhase } from '@negotiator/common'
import { driverMachines } from '../../drivers/drivers.js'
import { specOf } from '../../drivers/kinds.js'
import type { Machines } from '../../drivers/machines.js'
import { GuestStore } from '../store/guest-store.js'
import { InGuest } from './in-guest.js'
import { LifeRecords } from './life-record.js'
import { serveMachines } from './machine-requests.js'
import { ManagedGuests } from './managed-guests.js'
import type { ManagedStatus } from './managed-guests.js'
import type { RunnerTools } from './runner-tools.js'

/** What managed guests are opened with. */
export interface OpenManagedOptions {
  readonly config: Config
  /** The folder that stands for `/`. */
  readonly root: string
  readonly directory: Directory
  readonly runPhase: RunPhase
  readonly clock: Clock
  readonly log: Log
}

/** Managed guests that a daemon looks after. */
export interface OpenedManaged {
  /** Takes over what runs, and starts what shall. */
  readonly start: () => Promise<void>
  /** Serves a local program that wants something of them. */
  readonly serve: (stream: IncomingCall, needs: MachineNeeds) => void
  readonly status: () => readonly ManagedStatus[]
  readonly close: () => Promise<void>
}

/** Opens them; nothing is done before `start`. */
export async function openManaged(options: OpenManagedOptions): Promise<OpenedManaged> {
  const { config, directory, clock } = options
  const folder = join(config['state-folder'], 'guests')
  const tools: RunnerTools = {
    ...options,
    inGuest: new InGuest({ directory, clock }),
    store: new GuestStore(folder),
    records: new LifeRecords(folder),
    machinesOf: machinesBy(options),
    findsGuestsOf: (driver) => isAmong(config.drivers, driver),
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
    wallClock: Date.now,
  }
  const managed = new ManagedGuests(tools)
  return {
    start: async () => await managed.start(),
    serve: (stream, needs) => serveMachines(stream, { ...needs, managed, tools }),
    status: () => managed.status(),
    close: async () => await managed.close(),
  }
}

function isAmong(configured: readonly string[], driver: string): boolean {
  const { kind } = specOf(driver)
  const kinds = configured.flatMap((name) => (name === 'auto' ? ['libvirt', 'qemu'] : [specOf(name).kind]))
  return kinds.includes(kind)
}

/** A driver is made once: it may remember what it has started. */
function machinesBy({ config, root, clock, log }: OpenManagedOptions): (driver: string) => Promise<Machines> {
  const made = new Map<string, Promise<Machines>>()
  const runFolder = dirname(config['control-socket'])
  const needs = { root, runFolder, stateFolder: config['state-folder'], clock, log }
  return async (driver) => {
    const known = made.get(driver) ?? driverMachines(driver, needs)
    made.set(driver, known)
    // One that could not be made may be there the next time.
    known.catch(() => made.delete(driver))
    return await known
  }
}
