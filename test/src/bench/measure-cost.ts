/**
 * What Negotiator costs: the start of its program, the memory of its daemons, and how often they wake up for nothing.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as pass } from 'node:timers/promises'
import { execa } from 'execa'
import type { OnceFigures, RoundFigures, Sizes } from './figures.js'
import { timesOf } from './measure-trips.js'
import type { Stage } from './stage.js'
import { median } from './statistics.js'

/** Measures how long programs take to start. */
export async function measureStarts(
  { host }: Stage,
  { programStarts }: Sizes,
): Promise<Pick<RoundFigures, 'nodeStartP50' | 'programStartP50'>> {
  const node = await timesOf(
    programStarts,
    async () => (await execa(process.execPath, ['-e', ''])).exitCode ?? 1,
  )
  const program = await timesOf(programStarts, async () => (await host.cli(['--help'])).status)
  return { nodeStartP50: median(node), programStartP50: median(program) }
}

/** MiB of resident memory of each daemon now. */
export async function measureMemory(
  stage: Stage,
): Promise<{ readonly guest: number; readonly host: number }> {
  const [guest, host] = await statusOfDaemons(stage)
  return { guest: numberOf('VmRSS', guest) / 1024, host: numberOf('VmRSS', host) / 1024 }
}

/** Counts wake-ups while nobody calls. */
export async function measureWakeUps(
  stage: Stage,
  { idleSeconds }: Sizes,
): Promise<Pick<OnceFigures, 'guestWakeUpsPerS' | 'hostWakeUpsPerS'>> {
  const [guestBefore, hostBefore] = await statusOfDaemons(stage)
  await pass(idleSeconds * 1000)
  const [guestAfter, hostAfter] = await statusOfDaemons(stage)
  const perSecond = (before: string, after: string): number => (sleeps(after) - sleeps(before)) / idleSeconds
  return {
    guestWakeUpsPerS: perSecond(guestBefore, guestAfter),
    hostWakeUpsPerS: perSecond(hostBefore, hostAfter),
  }
}

async function statusOfDaemons({ vm, host }: Stage): Promise<readonly [guest: string, host: string]> {
  const guest = await vm.console.run('cat /proc/$(cat /run/negotiator-guest.pid)/status')
  return [guest.stdout, await readFile(`/proc/${host.daemonId}/status`, 'utf8')]
}

function sleeps(status: string): number {
  return numberOf('voluntary_ctxt_switches', status)
}

/** A field of /proc/PID/status; memory is in KiB there. @see man 5 proc_pid_status */
function numberOf(field: string, status: string): number {
  const value = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1]
  if (value === undefined)
    throw new Error(`Cannot read ${field} of a daemon: its status is ${JSON.stringify(status)}`)
  return Number(value)
}
