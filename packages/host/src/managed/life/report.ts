/**
 * What came of what was wanted of a managed guest: one report for each guest, which programs read as JSON.
 * Types alone.
 */

/** Whose report it is. */
export interface ReportedGuest {
  readonly name: string
  readonly uuid: string
}

/** One way of stopping a guest, and what came of it. */
export interface StepReport {
  readonly step: StopMode
  /** `left-out`: the definition, or whoever asked, does not want it. */
  readonly outcome: 'ended' | 'not-in-time' | 'failed' | 'left-out'
  readonly reason?: string
  readonly durationMs: number
}

/** The ways of stopping a guest, in their order. */
export const stopModes = ['agent', 'acpi', 'kill'] as const

export type StopMode = (typeof stopModes)[number]

/** How a guest is now. `ignored`: nothing is done with it, as its definition says; `failed`: why is told, and it is as it was. */
export interface GuestReport {
  readonly guest: ReportedGuest
  readonly outcome: 'running' | 'off' | 'suspended' | 'ignored' | 'failed'
  readonly reason?: string | undefined
  readonly steps?: readonly StepReport[]
  readonly durationMs: number
}

/** How a guest is when something was done to it. */
export type CameOut = Pick<GuestReport, 'outcome' | 'reason' | 'steps'>
