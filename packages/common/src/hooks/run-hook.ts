/**
 * Runs one hook as a process of its own: `MODE PHASE` as its arguments, one JSON document on its standard input, one result.
 * Floor 5. Whatever it does, it is over after its time.
 */
import { homedir } from 'node:os'
import type { Clock } from '../clock.js'
import { hookOutputBytesMax } from './limits.js'
import { commandPath } from '../process/environment.js'
import { startExecutable } from '../process/runner.js'
import type { RunningCommand, RunnerParts } from '../process/runner.js'
import { findTool, systemToolFolders } from '../process/tools.js'
import type { Result } from '../wire/result.js'
import { adapterWords } from './extras-adapter.js'
import type { FoundHook } from './inspect-hook.js'
import { KeptOutput } from './kept-output.js'
import type { HookOccasion } from './occasion.js'
import type { HookOutcome } from './outcome.js'
import { argumentsOf } from './phase.js'
import type { Phase } from './phase.js'

/** A hook says by it that it has nothing to do here; automake's tests and others say it so, too. */
export const skippedExitCode = 77

/** How it ended. */
export interface HookEnding {
  readonly outcome: HookOutcome
  readonly reason?: string
  readonly output: string
}

/** Runs a hook that may be run; never rejects. */
export async function runHook(
  hook: FoundHook,
  occasion: HookOccasion,
  parts: RunnerParts,
): Promise<HookEnding> {
  const { phase, document, signal } = occasion
  const program = programOf(hook, phase)
  if (program === undefined)
    return { outcome: 'failed', reason: 'bash is needed to source it; install bash', output: '' }
  const executable = { ...program, environment: environmentOf(hook, occasion), folder: '/', hasStdin: true }
  const running = await startExecutable(executable, parts)
  if ('kind' in running) return { ...endingOf(running), output: '' }
  const kept = new KeptOutput([running.stdout, running.stderr], { bytesMax: hookOutputBytesMax })
  // A hook need not read what it is told.
  running.stdin?.on('error', () => undefined)
  running.stdin?.end(document)
  const timeoutMs = hook.settings.timeoutMs ?? phase.timeoutMs
  const { result, stopped } = await untilEnded(running, { clock: parts.clock, timeoutMs, signal })
  return { ...(stopped ?? endingOf(result)), output: kept.text }
}

function programOf(
  { kind, path }: FoundHook,
  phase: Phase,
): { readonly path: string; readonly args: readonly string[] } | undefined {
  if (kind === 'executable') return { path, args: argumentsOf(phase) }
  const bash = findTool('bash', systemToolFolders)
  return bash === undefined ? undefined : { path: bash, args: adapterWords(path, phase) }
}

function environmentOf(hook: FoundHook, { side, phase, run, subject }: HookOccasion): Record<string, string> {
  const { guest } = subject
  return {
    PATH: commandPath,
    HOME: homedir(),
    LANG: 'C.UTF-8',
    NEGOTIATOR_SIDE: side,
    NEGOTIATOR_PHASE: phase.name,
    NEGOTIATOR_HOOK: hook.name,
    NEGOTIATOR_RUN: run,
    // The kernel knows no NUL in an environment; the document has the name as it is.
    ...(guest === undefined ? {} : { NEGOTIATOR_GUEST: guest.name.replaceAll('\0', '') }),
    ...(guest?.uuid === undefined ? {} : { NEGOTIATOR_GUEST_UUID: guest.uuid }),
  }
}

interface Patience {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** @returns its result, and why we have stopped it if we have; the first cause counts */
async function untilEnded(
  running: RunningCommand,
  { clock, timeoutMs, signal }: Patience,
): Promise<{ readonly result: Result; readonly stopped?: Omit<HookEnding, 'output'> | undefined }> {
  let stopped: Omit<HookEnding, 'output'> | undefined
  const stop = (why: Omit<HookEnding, 'output'>): void => {
    stopped ??= why
    running.stop()
  }
  const timer = clock.setTimer(timeoutMs, () =>
    stop({ outcome: 'timed-out', reason: `it was not over after ${timeoutMs / 1000} s, and was ended` }),
  )
  const leave = (): void => stop({ outcome: 'failed', reason: 'the phase was broken off, and it was ended' })
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  const result = await running.ended
  timer.cancel()
  signal.removeEventListener('abort', leave)
  return { result, stopped }
}

function endingOf(result: Result): Omit<HookEnding, 'output'> {
  if (result.kind === 'signalled') return { outcome: 'failed', reason: `it was ended by ${result.signal}` }
  if (result.kind !== 'exited') return { outcome: 'failed', reason: result.reason }
  if (result.code === 0) return { outcome: 'done' }
  if (result.code === skippedExitCode) return { outcome: 'skipped', reason: 'it has nothing to do here' }
  return { outcome: 'failed', reason: `exit status ${result.code}` }
}
