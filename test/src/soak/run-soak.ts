/**
 * `pnpm soak` and the story: events in an order that the seed determines, while calls run both ways; then everything is judged.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { judge } from './checks.js'
import type { Check } from './checks.js'
import { daemonEvents } from './daemon-events.js'
import type { PlannedEvent } from './event.js'
import { holdingsChecks, holdingsOfBoth } from './holdings.js'
import { HostCalls } from './host-calls.js'
import { machineEvents } from './machine-events.js'
import { Random } from './random.js'
import { untilWell } from './recovery.js'
import { guestCaller, stopFile } from './soak-image.js'
import { readHostNotes } from './stage.js'
import type { SoakStage } from './stage.js'

/** All that may happen, by name. */
const soakEvents = { ...daemonEvents, ...machineEvents }

/** How long, and what. */
export interface SoakOptions {
  readonly seed: number
  /** Events begin until then; each of them happens once, whatever it says. */
  readonly soakMs: number
  /** Of `soakEvents`; all unless told. */
  readonly names?: readonly string[] | undefined
  readonly say: (line: string) => void
}

/** What came of it. */
export interface SoakReport {
  readonly checks: readonly Check[]
  readonly eventCounts: ReadonlyMap<string, number>
  /** How long it took until calls succeeded again, both ways. */
  readonly recoveriesMs: readonly number[]
  readonly soakSeconds: number
}

/** The longest that a call can take after the last event. */
const settleMs = 30_000
/** How long calls run before what the daemons hold is what they always hold. */
const warmUpMs = 5000
/** Of so many events one does not wait until the one before has been got over. */
const hastyOneOf = 4

/** Soaks. @throws Error when calls do not succeed again after an event */
export async function runSoak(stage: SoakStage, options: SoakOptions): Promise<SoakReport> {
  const { ledger, host } = stage
  const startedMs = Date.now()
  // Of their own, so that how many calls there were does not change what happens.
  const random = new Random(options.seed + 1)
  const callWhile = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const calls = new HostCalls({ host, ledger, random })
    await recover(stage)
    const value = await work()
    await recover(stage)
    await endCalls(stage, calls)
    return value
  }
  options.say('Calling while nothing happens ...')
  await callWhile(async () => await pass(warmUpMs))
  const before = await holdingsOfBoth(stage)
  await startGuestCalls(stage)
  const happened = await callWhile(async () => await letHappen(stage, options))
  options.say('Looking at what is left ...')
  const after = await holdingsOfBoth(stage)
  await readHostNotes(stage)
  return {
    ...happened,
    checks: [...judge(ledger), ...holdingsChecks(before, after)],
    soakSeconds: (Date.now() - startedMs) / 1000,
  }
}

async function letHappen(
  stage: SoakStage,
  options: SoakOptions,
): Promise<Pick<SoakReport, 'eventCounts' | 'recoveriesMs'>> {
  const eventCounts = new Map<string, number>()
  const recoveriesMs: number[] = []
  for (const { name, event, isHasty, calmMs } of plan(options)) {
    const line = `${new Date().toISOString()} ${event.text}; ${isHasty ? '' : 'recovery, '}${calmMs} ms`
    stage.ledger.events.push(line)
    options.say(line)
    await event.run(stage)
    if (!isHasty) recoveriesMs.push(await recover(stage))
    await pass(calmMs)
    eventCounts.set(name, (eventCounts.get(name) ?? 0) + 1)
  }
  return { eventCounts, recoveriesMs }
}

interface Step {
  readonly name: string
  readonly event: PlannedEvent
  readonly isHasty: boolean
  readonly calmMs: number
}

/** All events in one random order after another, until the time is over. */
function* plan({ seed, soakMs, names = Object.keys(soakEvents) }: SoakOptions): Generator<Step> {
  const random = new Random(seed)
  const endMs = Date.now() + soakMs
  for (let isFirst = true; isFirst || Date.now() < endMs; isFirst = false) {
    for (const name of random.shuffle(names)) {
      const event = soakEvents[name]?.(random)
      if (event === undefined) throw new Error(`Cannot soak: there is no event "${name}"`)
      const isHasty = random.between(1, hastyOneOf) === 1
      const calmMs = random.pick([random.between(0, 500), random.between(1000, 6000)])
      if (isFirst || Date.now() < endMs) yield { name, event, isHasty, calmMs }
    }
  }
}

async function recover({ ledger }: SoakStage): Promise<number> {
  const tookMs = await untilWell(ledger)
  if (tookMs !== undefined) return tookMs
  throw new Error(
    `Cannot go on: calls do not succeed again after the last event:\n${ledger.events.join('\n')}`,
  )
}

/** Calls that have not ended by then never will, and are found by the checks. */
async function endCalls({ machine, record }: SoakStage, calls: HostCalls): Promise<void> {
  const late = pass(settleMs, undefined, { ref: false })
  const over = record.over()
  await machine.vm.console.run(`touch ${stopFile}`)
  await Promise.race([Promise.all([calls.stop(), over]), late])
}

async function startGuestCalls({ machine }: SoakStage): Promise<void> {
  await machine.vm.console.run(`rm ${stopFile}; setsid ${guestCaller} < /dev/null > /dev/null 2>&1 &`)
}
