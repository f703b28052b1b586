/**
 * What Negotiator costs: the start of its program, the memory of its daemons, and what they do while nobody calls.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { execa } from 'execa'
import { guestUse, localUse, ratesOf } from './daemon-use.js'
import type { DaemonRates, DaemonUse } from './daemon-use.js'
import { levels } from './figures.js'
import type { FleetFigures, IdleFigures, RoundFigures, Sizes } from './figures.js'
import { measureFleet } from './fleet.js'
import { timesOf } from './times-of.js'
import type { Stage } from './stage.js'
import { spreadOf } from './statistics.js'
import type { Spread } from './statistics.js'

type StartFigures = Spread<'nodeStart' | 'programStart'>

/** What came with the other side's leaving is over by then. */
const settleMs = 2000

/** Measures how long programs take to start. */
export async function measureStarts(
  { host }: Stage,
  { programStarts }: Sizes,
): Promise<Pick<RoundFigures, keyof StartFigures>> {
  const nodes: number[] = []
  const programs: number[] = []
  for (let start = 0; start < programStarts; start += 1) {
    nodes.push(...(await timesOf(1, async () => (await execa(process.execPath, ['-e', ''])).exitCode ?? 1)))
    programs.push(...(await timesOf(1, async () => (await host.cli(['--help'])).status)))
  }
  return { ...spreadOf('nodeStart', nodes), ...spreadOf('programStart', programs) }
}

/** MiB of resident memory of each daemon now. */
export async function measureMemory(
  stage: Stage,
): Promise<{ readonly guest: number; readonly host: number }> {
  const guest = await guestUse(stage)
  const host = await localUse(stage.host.daemonId)
  return { guest: guest.mib, host: host.mib }
}

/** Watches both daemons while nobody calls, then without each other; the stage's host daemon is stopped for it. */
export async function measureIdle(stage: Stage, { idleSeconds: seconds }: Sizes): Promise<IdleFigures> {
  const [guestBefore, hostBefore] = await useOfBoth(stage)
  await pass(seconds * 1000)
  const [guestAfter, hostAfter] = await useOfBoth(stage)
  await stage.host.stop()
  await pass(settleMs)
  const aloneBefore = await guestUse(stage)
  await pass(seconds * 1000)
  const aloneAfter = await guestUse(stage)
  const hostAlone = await measureFleet({ guestCount: 0, seconds })
  return {
    ...ratesNamed('guest', ratesOf({ before: guestBefore, after: guestAfter, seconds })),
    ...ratesNamed('host', ratesOf({ before: hostBefore, after: hostAfter, seconds })),
    ...ratesNamed('guestAlone', ratesOf({ before: aloneBefore, after: aloneAfter, seconds })),
    ...ratesNamed('hostAlone', hostAlone.rest),
  }
}

/** Measures a host's daemon with more and more guests. */
export async function measureFleets({ fleets, idleSeconds }: Sizes): Promise<FleetFigures> {
  const figures: Record<string, number> = {}
  for (const level of levels) {
    const use = await measureFleet({ guestCount: fleets[level], seconds: Math.ceil(idleSeconds / 2) })
    figures[`fleet${level}RestMib`] = use.restMib
    figures[`fleet${level}LoadMib`] = use.loadMib
    figures[`fleet${level}RestCpuMsPerS`] = use.rest.cpuMsPerS
    figures[`fleet${level}LoadCpuMsPerS`] = use.load.cpuMsPerS
  }
  // Each name was put together in the loop above.
  return figures as FleetFigures
}

async function useOfBoth(stage: Stage): Promise<readonly [guest: DaemonUse, host: DaemonUse]> {
  return [await guestUse(stage), await localUse(stage.host.daemonId)]
}

type RatesNamed<Name extends string> = Readonly<Record<`${Name}${'WakeUpsPerS' | 'CpuMsPerS'}`, number>>

function ratesNamed<Name extends string>(
  name: Name,
  { wakeUpsPerS, cpuMsPerS }: DaemonRates,
): RatesNamed<Name> {
  const rates = { [`${name}WakeUpsPerS`]: wakeUpsPerS, [`${name}CpuMsPerS`]: cpuMsPerS }
  return rates as RatesNamed<Name>
}
