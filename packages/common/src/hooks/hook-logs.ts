/**
 * A log for each hook: its last run, at `PHASE/NN-name.log`.
 * Floor 5. A run replaces the one before, so the logs cannot fill a disk. Trouble with them never fails a hook.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '../errors.js'
import type { Log } from '../log.js'
import { replaceFile } from '../replace-file.js'
import type { HookOccasion } from './occasion.js'
import type { HookResult } from './outcome.js'

interface HookLogsOptions {
  readonly folder: string | undefined
  readonly log: Log
}

/** Where the last output of each hook lies. */
export class HookLogs {
  readonly #options: HookLogsOptions

  constructor(options: HookLogsOptions) {
    this.#options = options
  }

  /** Writes how a hook ended, in one step. */
  async write(
    { hook, outcome, reason, durationMs, output }: HookResult,
    occasion: HookOccasion,
  ): Promise<void> {
    const { folder, log } = this.#options
    if (folder === undefined) return
    const { phase, run, subject } = occasion
    const home = join(folder, phase.name)
    const time = new Date().toISOString()
    const facts = {
      time,
      phase: phase.name,
      hook,
      guest: subject.guest?.name,
      run,
      outcome,
      reason,
      durationMs,
    }
    try {
      await mkdir(home, { recursive: true, mode: 0o750 })
      const content = `${JSON.stringify(facts)}\n${output}`
      await replaceFile(join(home, `${hook}.log`), { content, mode: 0o640 })
    } catch (error) {
      log.warn('Cannot write the log of a hook', { phase: phase.name, hook, reason: systemCodeOf(error) })
    }
  }
}
