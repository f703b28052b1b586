/**
 * `pnpm soak` and the story: events in an order that the seed determines, while calls run both ways; then everything is judged.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { judge } from './checks.js'
import type { Check } from './checks.js'
import { soakEvents } from './events.js'
import { HostCalls } from './host-calls.js'
import { Random } from './random.js'
import { stopFile } from './soak-image.js'
import { readHostNotes, untilReady } from './stage.js'
import type { SoakStage } from './stage.js'

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
  readonly eventCount: number
  readonly soakSeconds: number
}

/** The longest that a call can take after the last event. */
const settleMs = 30_000

/** Soaks. */
export async function runSoak(stage: SoakStage, options: SoakOptions): Promise<SoakReport> {
  const startedMs = Date.now()
  // Of their own, so that how many calls there were does not change what happens.
  const calls = new HostCalls({ ...stage, random: new Random(options.seed + 1) })
  const eventCount = await letHappen(stage, options)
  const soakSeconds = (Date.now() - startedMs) / 1000
  await untilReady(stage.host)
  options.say('Waiting until all calls have ended ...')
  await endCalls(stage, calls)
  await readHostNotes(stage)
  return { checks: judge(stage.ledger), eventCount, soakSeconds }
}

async function letHappen(stage: SoakStage, options: SoakOptions): Promise<number> {
  const { seed, soakMs, names = Object.keys(soakEvents), say } = options
  const random = new Random(seed)
  const endMs = Date.now() + soakMs
  for (let count = 0; ;) {
    for (const name of random.shuffle(names)) {
      const event = soakEvents[name]?.(random)
      if (event === undefined) throw new Error(`Cannot soak: there is no event "${name}"`)
      const calmMs = random.pick([random.between(0, 500), random.between(1000, 6000)])
      if (count >= names.length && Date.now() > endMs) return count
      const line = `${new Date().toISOString()} ${event.text}, calm for ${calmMs} ms`
      stage.ledger.events.push(line)
      say(line)
      await event.run(stage)
      await pass(calmMs)
      count += 1
    }
    if (Date.now() > endMs) return count
  }
}

/** Calls that have not ended by then never will, and are found by the checks. */
async function endCalls({ machine, record }: SoakStage, calls: HostCalls): Promise<void> {
  const late = pass(settleMs, undefined, { ref: false })
  const over = record.over()
  await machine.vm.console.run(`touch ${stopFile}`)
  await Promise.race([Promise.all([calls.stop(), over]), late])
}
