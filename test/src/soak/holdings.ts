/**
 * What both daemons hold while nobody calls, and what calls have left behind; compared with how it was in the beginning.
 */
import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as pass } from 'node:timers/promises'
import type { Check } from './checks.js'
import { noteName } from './soak-image.js'
import { guestName } from './soak-machine.js'
import type { SoakStage } from './stage.js'

/** What one side has while nobody calls. */
export interface Holdings {
  readonly descriptors: number
  readonly children: number
  readonly mib: number
  /** Of all threads, while nothing happens. */
  readonly wakeUps: number
  /** Commands that still run, whoever's children they are. */
  readonly commands: number
}

/** Of both sides. */
export interface HoldingsOfBoth {
  readonly host: Holdings
  readonly guest: Holdings
}

/** What work leaves for later, such as the collection of garbage, is over by then. */
const settleMs = 3000
const restMs = 3000
/** A daemon that looked at something on a quick timer would wake up more often; collecting what calls left takes some, too. */
const wakeUpsGrowthMax = 100
/** How much V8 keeps differs from run to run by some MiB; a leak of a few KiB a call is beyond this in minutes. */
const mibGrowthMax = 16

/** Looks at both; nobody may call meanwhile. */
export async function holdingsOfBoth({ host, machine }: SoakStage): Promise<HoldingsOfBoth> {
  await pass(settleMs)
  const [ofGuest, ofHost] = await Promise.all([guestHoldings(machine.vm), hostHoldings(host.daemonId)])
  return { host: ofHost, guest: ofGuest }
}

/** Nothing is left. */
export function holdingsChecks(before: HoldingsOfBoth, after: HoldingsOfBoth): readonly Check[] {
  return (['host', 'guest'] as const).map((side) => {
    const [was, is] = [before[side], after[side]]
    return {
      title: `nothing is left on the ${side}`,
      figures: `${figuresOf(was)} before, ${figuresOf(is)} after`,
      broken: faultsOf(was, is),
    }
  })
}

function faultsOf(was: Holdings, is: Holdings): readonly string[] {
  const growths = {
    descriptors: is.descriptors - was.descriptors,
    children: is.children - was.children,
    commands: is.commands,
    wakeUps: is.wakeUps - was.wakeUps - wakeUpsGrowthMax,
    mib: is.mib - was.mib - mibGrowthMax,
  }
  return (
    Object.entries(growths)
      // What could not be read is no number, and no good sign either.
      .filter(([, growth]) => !(growth <= 0))
      .map(([what, growth]) => `${what}: ${growth.toFixed(0)} more than there may be`)
  )
}

function figuresOf({ descriptors, children, mib, wakeUps, commands }: Holdings): string {
  return `${descriptors} descriptors ${children} children ${commands} commands ${mib.toFixed(0)} MiB ${wakeUps} wake-ups`
}

async function hostHoldings(id: number): Promise<Holdings> {
  const wakeUpsBefore = await wakeUpsOf(id)
  await pass(restMs)
  const wakeUps = (await wakeUpsOf(id)) - wakeUpsBefore
  const descriptors = await readdir(`/proc/${id}/fd`)
  const children = await readFile(`/proc/${id}/task/${id}/children`, 'utf8')
  return {
    descriptors: descriptors.length,
    children: children.split(' ').filter((child) => child !== '').length,
    mib: sumOf('VmRSS', await readFile(`/proc/${id}/status`, 'utf8')) / 1024,
    wakeUps,
    commands: await hostCommands(),
  }
}

async function wakeUpsOf(id: number): Promise<number> {
  const threads = await readdir(`/proc/${id}/task`)
  const statuses = threads.map(async (thread) => await readFile(`/proc/${id}/task/${thread}/status`, 'utf8'))
  return sumOf('voluntary_ctxt_switches', (await Promise.all(statuses)).join('\n'))
}

/** Also those that a killed daemon has left to others: our guest is in their environment. */
async function hostCommands(): Promise<number> {
  const environments = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    // Processes end meanwhile, and others are not ours to read.
    .map(async (id) => await readFile(`/proc/${id}/environ`, 'utf8').catch(() => ''))
  const wanted = [`NEGOTIATOR_COMMAND=${noteName}`, `NEGOTIATOR_GUEST=${guestName}`]
  const lists = (await Promise.all(environments)).map((text) => text.split('\0'))
  return lists.filter((list) => wanted.every((line) => list.includes(line))).length
}

async function guestHoldings({ console }: SoakStage['machine']['vm']): Promise<Holdings> {
  const wakeUps = `awk '/^voluntary/ { sum += $2 } END { print sum }' /proc/$pid/task/*/status`
  const { stdout } = await console.run(
    `pid=$(cat /run/negotiator-guest.pid)
    ${wakeUps}; sleep ${restMs / 1000}; ${wakeUps}
    ls /proc/$pid/fd | wc -l
    wc -w < /proc/$pid/task/$pid/children
    awk '/^VmRSS/ { print $2 }' /proc/$pid/status
    grep -ls NEGOTIATOR_COMMAND=${noteName} /proc/[0-9]*/environ | wc -l`,
  )
  const figures = stdout.split('\n').map(Number)
  const [before = NaN, after = NaN, descriptors = NaN, children = NaN, kib = NaN, commands = NaN] = figures
  return { descriptors, children, mib: kib / 1024, wakeUps: after - before, commands }
}

/** A field of /proc/PID/status, of all that there are. */
function sumOf(field: string, statuses: string): number {
  const values = [...statuses.matchAll(new RegExp(`^${field}:\\s*(\\d+)`, 'gm'))]
  return values.reduce((sum, [, value]) => sum + Number(value), 0)
}
