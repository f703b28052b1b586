/**
 * The one place where hooks are run: finds those of a phase, puts them in order, runs them, and gives one result each.
 * Floor 5. A phase that nobody has hooks for costs two looks at folders.
 */
import type { Clock } from '../clock.js'
import { hooksAtOnceMax } from './limits.js'
import type { Log } from '../log.js'
import { limitLog } from '../log-limit.js'
import type { StartProcess } from '../process/started-process.js'
import { findHooks } from './find-hooks.js'
import type { HookFolders } from './find-hooks.js'
import { HookLogs } from './hook-logs.js'
import { HookRecord } from './hook-record.js'
import type { HooksStatus } from './hook-record.js'
import type { FoundHook } from './inspect-hook.js'
import { occasionOf } from './occasion.js'
import type { HookOccasion } from './occasion.js'
import type { HookResult, PhaseRequest, PhaseRun, RunPhase } from './outcome.js'
import { phaseNamed } from './phase.js'
import type { HookSide, Phase } from './phase.js'
import { planSteps } from './plan.js'
import type { Step } from './plan.js'
import { runHook } from './run-hook.js'
import { isNo, whyNotEver, whyNotNow } from './verdict.js'
import type { Progress } from './verdict.js'

/** What hooks are run with. */
export interface HooksOptions {
  readonly side: HookSide
  readonly folders: HookFolders
  /** The daemon's effective configuration, for conditions on it. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Where each hook's last output is kept; nowhere without it. */
  readonly logFolder?: string | undefined
  readonly clock: Clock
  readonly log: Log
  readonly startProcess: StartProcess
}

/** What would become of a hook. */
export interface PlannedHook {
  readonly hook: string
  readonly path: string
  /** From 1 on; hooks of one step run at the same time. */
  readonly step: number
  readonly will: 'run' | 'be skipped' | 'be refused'
  readonly reason?: string
  readonly hasVeto: boolean
  readonly timeoutMs: number
}

/** The hooks of one side. */
export class Hooks {
  readonly #options: HooksOptions
  readonly #logs: HookLogs
  readonly #record: HookRecord

  constructor(options: HooksOptions) {
    const log = limitLog(options.log, options.clock)
    this.#options = { ...options, log }
    this.#logs = new HookLogs({ folder: options.logFolder, log })
    this.#record = new HookRecord({ clock: options.clock, log })
  }

  /**
   * Runs the hooks of a phase.
   * @throws {UsageError} `no-such-phase`, `bad-subject`; {@link SystemError} `hooks-unreadable`
   */
  readonly runPhase: RunPhase = async (request) => {
    const phase = phaseNamed(request.phase, this.#options.side)
    const occasion = occasionOf(phase, { request, side: this.#options.side })
    const steps = await this.#steps(phase)
    const done = new Map<string, HookResult>()
    let vetoedBy: string | undefined
    const note = (result: HookResult): void => {
      done.set(result.hook, result)
      if (result.isVeto) vetoedBy ??= result.hook
      request.onResult?.(result)
    }
    if (request.askFirst !== undefined) note(await request.askFirst(occasion.signal))
    for (const together of steps.flatMap(portions)) {
      const before = { done: new Map(done), vetoedBy }
      const results = await Promise.all(
        together.map(async (hook) => await this.#result(hook, { occasion, ...before })),
      )
      for (const result of results) note(result)
    }
    const results = [...done.values()]
    const veto = vetoedBy === undefined ? { isVetoed: false } : { isVetoed: true, vetoedBy }
    const run: PhaseRun = { run: occasion.run, phase: phase.name, mode: phase.mode, results, ...veto }
    this.#record.add(run, occasion.subject)
    return run
  }

  /** What a run would do now. @throws as {@link runPhase} */
  async plan({ phase: name, subject = {} }: PhaseRequest): Promise<readonly PlannedHook[]> {
    const phase = phaseNamed(name, this.#options.side)
    const steps = await this.#steps(phase)
    return steps.flatMap((step, index) =>
      step.map((hook): PlannedHook => {
        const { outcome, reason } = whyNotEver(hook, { ...this.#options, subject }) ?? {}
        const will = outcome === undefined ? 'run' : outcome === 'skipped' ? 'be skipped' : 'be refused'
        const { path, settings } = hook
        const timeoutMs = settings.timeoutMs ?? phase.timeoutMs
        const facts = { path, step: index + 1, hasVeto: settings.isVeto === true, timeoutMs }
        return { hook: hook.name, ...facts, will, ...(reason === undefined ? {} : { reason }) }
      }),
    )
  }

  /** What `status` tells. */
  get status(): HooksStatus {
    return this.#record.status
  }

  async #steps(phase: Phase): Promise<readonly Step[]> {
    return planSteps(await findHooks(phase, this.#options.folders))
  }

  async #result(hook: FoundHook, { occasion, ...before }: Moment): Promise<HookResult> {
    const { subject, signal } = occasion
    const verdict =
      whyNotNow(hook, { ...before, isBrokenOff: signal.aborted }) ??
      whyNotEver(hook, { ...this.#options, subject })
    if (verdict !== undefined) {
      const isVeto = before.vetoedBy === undefined && isNo(hook, verdict.outcome)
      return { hook: hook.name, ...verdict, durationMs: 0, output: '', isVeto }
    }
    const { clock } = this.#options
    const startMs = clock.now()
    const ending = await runHook(hook, occasion, this.#options)
    const isVeto = isNo(hook, ending.outcome)
    const result = { hook: hook.name, ...ending, durationMs: Math.round(clock.now() - startMs), isVeto }
    await this.#logs.write(result, occasion)
    return result
  }
}

/** When a hook's turn has come. */
interface Moment extends Omit<Progress, 'isBrokenOff'> {
  readonly occasion: HookOccasion
}

/** As many hooks of a step as may run at once. */
function portions(step: Step): readonly Step[] {
  const starts = step.map((_, index) => index).filter((index) => index % hooksAtOnceMax === 0)
  return starts.map((start) => step.slice(start, start + hooksAtOnceMax))
}
