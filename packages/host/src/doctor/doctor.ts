/**
 * `negotiator-host doctor`: what keeps calls from succeeding on this host and in its guests, and what mends it.
 * It runs in the program and not in the daemon, for that may be the trouble.
 */
import { examine, openScene } from '@negotiator/common'
import type { CheckedFinding, Clock, ConfigSource } from '@negotiator/common'
import { hostChecks } from './checks.js'
import { hostScene } from './host-scene.js'

/** What the doctor looks at. */
export interface HostDoctorOptions {
  readonly source: ConfigSource
  /** One guest, by name or uuid; all that run, when absent. */
  readonly guest?: string | undefined
  /** Where /proc and /var lie; `/` unless a test gives another. */
  readonly machineRoot?: string
  readonly clock: Clock
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number
}

/** Examines this host. It changes nothing, and connects to no guest. */
export async function examineHost({
  source,
  guest,
  machineRoot = '/',
  clock,
  nowMs,
}: HostDoctorOptions): Promise<readonly CheckedFinding[]> {
  const { scene, findings } = await openScene({ source, machineRoot })
  const host = await hostScene(scene, { wanted: guest, clock, nowMs })
  return [...findings, ...(await examine({ checks: hostChecks, scene: host, clock }))]
}
