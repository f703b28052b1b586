/**
 * `negotiator-guest doctor`: what keeps calls from succeeding in this guest, and what mends it.
 * It runs in the program and not in the daemon, for that may be the trouble.
 */
import { examine, openScene } from '@negotiator/common'
import type { CheckedFinding, Clock, ConfigSource } from '@negotiator/common'
import { guestChecks } from './checks.js'
import { guestScene } from './guest-scene.js'

/** What the doctor looks at. */
export interface GuestDoctorOptions {
  readonly source: ConfigSource
  /** Where /proc, /sys, /dev, /lib and /var lie; `/` unless a test gives another. */
  readonly machineRoot?: string
  readonly clock: Clock
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number
}

/** Examines this guest. It changes nothing, and opens no port. */
export async function examineGuest({
  source,
  machineRoot = '/',
  clock,
  nowMs,
}: GuestDoctorOptions): Promise<readonly CheckedFinding[]> {
  const { scene, findings } = await openScene({ source, machineRoot })
  const guest = await guestScene(scene, nowMs)
  return [...findings, ...(await examine({ checks: guestChecks, scene: guest, clock }))]
}
