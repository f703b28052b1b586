/**
 * One host's daemon with so many guests: its memory and its processor time, at rest and under a steady load of calls.
 *
 * The guests are stand-ins in this process, so what the daemon uses is its own alone.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import type { Client } from '@negotiator/host'
import { HostProgram } from '../machine/host-program.js'
import { localUse, ratesOf } from './daemon-use.js'
import type { DaemonRates } from './daemon-use.js'
import { StandInGuests, standInAnswer, standInCommand, standInName } from './stand-in-guests.js'

/** The load: one small call after the other, to all guests in turn. */
export const loadCallsPerSecond = 100

/** What came with the start is over by then. */
const settleMs = 2000
/** Three hundred are ready in a few seconds, and this machine may be busy. */
const readyTimeoutMs = 60_000

/** What a fleet costs. */
export interface FleetUse {
  readonly restMib: number
  readonly loadMib: number
  readonly rest: DaemonRates
  readonly load: DaemonRates
}

interface FleetOptions {
  /** How many; without any there is no load. */
  readonly guestCount: number
  /** How long each is watched, rest and load. */
  readonly seconds: number
}

/** Measures a daemon of its own. */
export async function measureFleet(options: FleetOptions): Promise<FleetUse> {
  const root = await mkdtemp(join(tmpdir(), 'ng-fleet-'))
  try {
    await using guests = await StandInGuests.start({ folder: join(root, 'g'), count: options.guestCount })
    const host = await HostProgram.start({ root, config: [`drivers = ["folder:${guests.folder}"]`] })
    try {
      return await watch(host, options)
    } finally {
      await host.stop()
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function watch(host: HostProgram, { guestCount, seconds }: FleetOptions): Promise<FleetUse> {
  const client = await host.connect()
  for (let index = 0; index < guestCount; index += 1)
    await client.wait(standInName(index), { timeoutMs: readyTimeoutMs })
  await pass(settleMs)
  const start = await localUse(host.daemonId)
  await pass(seconds * 1000)
  const rested = await localUse(host.daemonId)
  if (guestCount > 0) await callAll({ client, guestCount, callCount: seconds * loadCallsPerSecond })
  const loaded = await localUse(host.daemonId)
  client.close()
  return {
    restMib: rested.mib,
    loadMib: loaded.mib,
    rest: ratesOf({ before: start, after: rested, seconds }),
    load: ratesOf({ before: rested, after: loaded, seconds }),
  }
}

/** Calls at a steady rate, however long the answers take. */
async function callAll({
  client,
  guestCount,
  callCount,
}: {
  client: Client
  guestCount: number
  callCount: number
}): Promise<void> {
  const startedMs = performance.now()
  const answers: Promise<void>[] = []
  for (let call = 0; call < callCount; call += 1) {
    answers.push(callOne(client, standInName(call % guestCount)))
    const dueMs = startedMs + ((call + 1) * 1000) / loadCallsPerSecond
    // A machine that was late catches up: the number of calls in a second is what counts.
    const leftMs = dueMs - performance.now()
    if (leftMs > 0) await pass(leftMs)
  }
  await Promise.all(answers)
}

async function callOne(client: Client, target: string): Promise<void> {
  const outcome = await client.run({ target, command: standInCommand })
  if (outcome.stdout.toString() !== standInAnswer)
    throw new Error(`Cannot measure a fleet: ${target} answers ${JSON.stringify(outcome)}`)
}
