/**
 * What every check of both sides may look at.
 * Floor 8.
 */
import type { Config } from '../agent/config-settings.js'
import type { Side } from '../agent/paths.js'
import type { DaemonAnswer } from './daemon-answer.js'
import type { Processes } from './processes.js'

/** A machine, and what its daemon said. */
export interface Scene {
  readonly side: Side
  readonly config: Config
  readonly daemon: DaemonAnswer
  readonly processes: Processes
  /** Where /proc, /sys, /lib and /var lie: `/`; tests give their own. */
  readonly machineRoot: string
}

/** The program whose daemon is meant. */
export function programOf({ side }: Pick<Scene, 'side'>): string {
  return `negotiator-${side}`
}

/** The lines that start the daemon anew. */
export function restartLine({ side }: Pick<Scene, 'side'>): string {
  return `systemctl restart negotiator-${side}    # or however you start \`negotiator-${side} daemon\``
}
