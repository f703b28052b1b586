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
import { isWellAgain } from './recovery.js'
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
  /** No event lasts longer, but for what a machine takes; as long as is interesting unless told. */
  readonly longestMs?: number | undefined
  /** Of `soakEvents`; all unless told. */
  readonly names?: readonly string[] | undefined
  readonly say: (line: string) => void
}

/** What came of it. */
export interface SoakReport {
  readonly checks: readonly Check[]
  readonly eventCounts: ReadonlyMap<string, number>
  readonly soakSeconds: number
}

/** The longest that a call can take after the last event. */
const settleMs = 30_000
/** How long calls run before what the daemons hold is what they always hold. */
const warmUpMs = 2000
/** No event asks for more. */
const eventMsMax = 20_000
const calmMsMax = 6000
/** Of so many events one does not wait until the one before has been got over. */
const hastyOneOf = 4

/** Soaks. It ends early when calls do not succeed again after an event; then nobody looks at what is left. */
export async function runSoak(stage: SoakStage, options: SoakOptions): Promise<SoakReport> {
  const { ledger } = stage
  const startedMs = Date.now()
  // Of their own, so that how many calls there were does not change what happens.
  const random = new Random(options.seed + 1)
  options.say('Calling while nothing happens ...')
  await callWhile({ ...stage, random }, async () => await pass(warmUpMs))
  const before = await holdingsOfBoth(stage)
  await startGuestCalls(stage)
  let eventCounts: ReadonlyMap<string, number> = new Map()
  const isWell = await callWhile({ ...stage, random }, async () => {
    eventCounts = await letHappen(stage, options)
  })
  options.say('Looking at what is left ...')
  const left = isWell ? holdingsChecks(before, await holdingsOfBoth(stage)) : []
  await readHostNotes(stage)
  return {
    checks: [...judge(ledger), ...left],
    eventCounts,
    soakSeconds: (Date.now() - startedMs) / 1000,
  }
}

interface CallingStage extends SoakStage {
  /** What the calls are drawn from. */
  readonly random: Random
}

/** Works while calls run, from when they succeed until they all have ended. @returns whether all was well in the end */
async function callWhile(stage: CallingStage, work: () => Promise<void>): Promise<boolean> {
  const { host, ledger, random } = stage
  const calls = new HostCalls({ host, ledger, random })
  const wasWell = await isWellAgain(ledger)
  if (wasWell) await work()
  const isWell = wasWell && (await isWellAgain(ledger))
  await endCalls(stage, calls)
  return isWell
}

/** @returns how often each happened */
async function letHappen(stage: SoakStage, options: SoakOptions): Promise<ReadonlyMap<string, number>> {
  const { ledger } = stage
  const eventCounts = new Map<string, number>()
  for (const { name, event, isHasty, calmMs } of plan(options)) {
    const line = `${new Date().toISOString()} ${event.text}; the next ${isHasty ? '' : 'when all is well, and '}${calmMs} ms later`
    ledger.events.push(line)
    options.say(line)
    await event.run(stage)
    eventCounts.set(name, (eventCounts.get(name) ?? 0) + 1)
    if (!isHasty && !(await isWellAgain(ledger))) break
    await pass(calmMs)
  }
  return eventCounts
}

interface Step {
  readonly name: string
  readonly event: PlannedEvent
  readonly isHasty: boolean
  readonly calmMs: number
}

/** All events in one random order after another, until the time is over. */
function* plan(options: SoakOptions): Generator<Step> {
  const { seed, soakMs, longestMs = eventMsMax, names = Object.keys(soakEvents) } = options
  const random = new Random(seed)
  const endMs = Date.now() + soakMs
  for (let isFirst = true; isFirst || Date.now() < endMs; isFirst = false) {
    for (const name of random.shuffle(names)) {
      const event = soakEvents[name]?.(random, longestMs)
      if (event === undefined) throw new Error(`Cannot soak: there is no event "${name}"`)
      const isHasty = random.between(1, hastyOneOf) === 1
      const calmMs = random.pick([
        random.between(0, 500),
        random.between(1000, Math.min(calmMsMax, longestMs)),
      ])
      if (isFirst || Date.now() < endMs) yield { name, event, isHasty, calmMs }
    }
  }
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
