/**
 * The one place where hooks are run: finds those of a phase, puts them in order, runs them, and gives one result each.
 * Floor 5. A phase that nobody has hooks for costs two looks at folders.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { UsageError } from '../errors.js'
import { hooksAtOnceMax, hookSubjectBytesMax } from '../limits.js'
import type { Log } from '../log.js'
import { limitLog } from '../log-limit.js'
import type { StartProcess } from '../process/started-process.js'
import { safeJson } from '../safe-json.js'
import { findHooks } from './find-hooks.js'
import type { FoundHook, HookFolders } from './find-hooks.js'
import { HookLogs } from './hook-logs.js'
import { HookRecord } from './hook-record.js'
import type { HooksStatus } from './hook-record.js'
import { whyUnwanted } from './hook-settings.js'
import type { HookResult, PhaseRequest, PhaseRun, RunPhase, Subject } from './outcome.js'
import { phaseNamed } from './phase.js'
import type { HookSide, Phase } from './phase.js'
import { planSteps } from './plan.js'
import type { Step } from './plan.js'
import { runHook } from './run-hook.js'
import type { HookOccasion } from './run-hook.js'

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
  readonly isShipped: boolean
  /** From 1 on; hooks of one step run at the same time. */
  readonly step: number
  readonly will: 'run' | 'be skipped' | 'be refused'
  readonly reason?: string
  readonly hasVeto: boolean
  readonly timeoutMs: number
}

type Verdict = Pick<HookResult, 'outcome' | 'reason'>

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
    const done = new Map<string, HookResult>()
    let vetoedBy: string | undefined
    for (const step of await this.#steps(phase))
      for (const together of portions(step)) {
        const before = { done: new Map(done), vetoedBy }
        const results = await Promise.all(
          together.map(async (hook) => await this.#result(hook, { occasion, ...before })),
        )
        for (const result of results) done.set(result.hook, result)
        vetoedBy ??= results.find(({ isVeto }) => isVeto)?.hook
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
        const { outcome, reason } = this.#verdict(hook, subject) ?? {}
        const will = outcome === undefined ? 'run' : outcome === 'skipped' ? 'be skipped' : 'be refused'
        const { path, isShipped, settings } = hook
        const timeoutMs = settings.timeoutMs ?? phase.timeoutMs
        const facts = { path, isShipped, step: index + 1, hasVeto: settings.isVeto === true, timeoutMs }
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

  /** Why it is not run, if so. */
  #verdict({ refused, settings }: FoundHook, subject: Subject): Verdict | undefined {
    if (refused !== undefined) return { outcome: 'refused', reason: refused.reason }
    const unwanted = whyUnwanted(settings, { ...this.#options, subject })
    if (unwanted === undefined) return undefined
    return { outcome: unwanted.isFault ? 'refused' : 'skipped', reason: unwanted.reason }
  }

  async #result(hook: FoundHook, { occasion, done, vetoedBy }: Moment): Promise<HookResult> {
    const { clock, startProcess } = this.#options
    const name = hook.name
    const verdict = whyNotNow(hook, { occasion, done, vetoedBy }) ?? this.#verdict(hook, occasion.subject)
    if (verdict !== undefined) {
      const isVeto = vetoedBy === undefined && isNo(hook, { phase: occasion.phase, ...verdict })
      return { hook: name, ...verdict, durationMs: 0, output: '', isVeto }
    }
    const startMs = clock.now()
    const ending = await runHook(hook, occasion, { clock, startProcess })
    const isVeto = isNo(hook, { phase: occasion.phase, ...ending })
    const result = { hook: name, ...ending, durationMs: Math.round(clock.now() - startMs), isVeto }
    await this.#logs.write(result, occasion)
    return result
  }
}

/** What is known when a hook's turn has come. */
interface Moment {
  readonly occasion: HookOccasion
  readonly done: ReadonlyMap<string, HookResult>
  readonly vetoedBy: string | undefined
}

function whyNotNow(hook: FoundHook, { occasion, done, vetoedBy }: Moment): Verdict | undefined {
  if (vetoedBy !== undefined) return { outcome: 'not-run', reason: `"${vetoedBy}" has said no` }
  if (occasion.signal.aborted) return { outcome: 'not-run', reason: 'the phase was broken off' }
  if (hook.refused !== undefined) return undefined
  const lacking = (hook.settings.requires ?? []).find((name) => !isMet(done.get(name)))
  if (lacking === undefined) return undefined
  return { outcome: 'not-run', reason: `it requires "${lacking}", which was not done` }
}

/** A hook that had nothing to do has done all of it. */
function isMet(result: HookResult | undefined): boolean {
  return result?.outcome === 'done' || result?.outcome === 'skipped'
}

/** Doubt denies: whose word counts, and who could not be asked or did not answer, has said no. */
function isNo(
  { settings }: FoundHook,
  { phase, outcome }: Pick<HookResult, 'outcome'> & { readonly phase: Phase },
): boolean {
  return phase.hasVeto && settings.isVeto === true && outcome !== 'done' && outcome !== 'skipped'
}

/** As many hooks of a step as may run at once. */
function portions(step: Step): readonly Step[] {
  const starts = step.map((_, index) => index).filter((index) => index % hooksAtOnceMax === 0)
  return starts.map((start) => step.slice(start, start + hooksAtOnceMax))
}

function occasionOf(
  phase: Phase,
  { request, side }: { readonly request: PhaseRequest; readonly side: HookSide },
): HookOccasion {
  const { subject = {}, signal = new AbortController().signal } = request
  const run = randomUUID()
  const document = `${safeJson({ phase: phase.name, mode: phase.mode, side, run, subject })}\n`
  if (Buffer.byteLength(document) > hookSubjectBytesMax)
    throw new UsageError(
      `Cannot run the hooks of "${phase.name}": what they shall be told has more than ${hookSubjectBytesMax} bytes; tell them less`,
      { code: 'bad-subject' },
    )
  return { side, phase, run, subject, document, signal }
}
