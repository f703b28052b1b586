/**
 * The hooks of one side as its configuration wants them.
 * Floor 7.
 */
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { Hooks } from '../hooks/hooks.js'
import type { Log } from '../log.js'
import type { FindKoffi } from '../native/koffi.js'
import { openStartProcess } from '../process/open-start-process.js'
import type { Config } from './config-settings.js'
import type { Side } from './paths.js'

/** What hooks are opened with. */
export interface OpenHooksOptions {
  readonly side: Side
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  /** How koffi is had, which starts hooks faster; from node_modules unless told. */
  readonly findKoffi?: FindKoffi | undefined
}

/** Whoever raises a phase calls `runPhase` of what comes back; there is nothing to close. */
export async function openHooks({ side, config, clock, log, findKoffi }: OpenHooksOptions): Promise<Hooks> {
  return new Hooks({
    side,
    folders: { own: config['hooks-folder'], scripts: config['extras-folder'] },
    settings: { ...config },
    logFolder: join(config['state-folder'], 'hook-logs', side),
    clock,
    log,
    startProcess: await openStartProcess(findKoffi),
  })
}
