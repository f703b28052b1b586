/**
 * What an event is. It draws what it will do when it is planned, so that a seed determines it whatever happens meanwhile, and ends
 * when what it did is over; recovery is waited for elsewhere.
 */
import type { Random } from './random.js'
import type { SoakStage } from './stage.js'

/** One thing that happens. */
export interface PlannedEvent {
  /** For people: what, and how long. */
  readonly text: string
  readonly run: (stage: SoakStage) => Promise<void>
}

/** Draws an event that does not last longer, but for what a machine takes. */
export type PlanEvent = (random: Random, longestMs: number) => PlannedEvent

/** Draws a time: none at all, less than is noticed, or more. @param longestMs 900 at least */
export function drawMs(random: Random, longestMs: number): number {
  return random.pick([0, random.between(1, 900), random.between(900, longestMs)])
}
